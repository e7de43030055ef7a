// The packages of @std that ship with the library, made of their npm redistribution: as JSR serves
// them, and as its npm layer does.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { npmNameOf, tarball } from "./registry.mjs";

const source = fileURLToPath(new URL("../../node_modules/deno-std/", import.meta.url));
const JOIN_TYPES = "export declare function join(...paths: string[]): string;\n";
const version = "1.1.5";

/** A file of `deno-std` and all that it imports, by path within the package. */
function withImports(folder, file, files = {}) {
  const path = join(source, folder, file);
  const text = readFileSync(path, "utf8");
  files[file] = text;
  for (const [, specifier] of text.matchAll(/from "(\.[^"]+)"/g)) {
    const next = relative(join(source, folder), join(dirname(path), specifier)).replaceAll(
      "\\",
      "/",
    );
    if (!(next in files)) withImports(folder, next, files);
  }
  return files;
}

/** `@std/path` and `@std/json`, as far as the library uses them. */
export function stdPackages() {
  const path = { name: "@std/path", version, exports: {}, files: {} };
  for (const entry of ["posix/join", "windows/join"]) {
    path.exports[`./${entry}`] = `./${entry}.js`;
    withImports("path", `${entry}.js`, path.files);
    path.files[`${entry}.d.ts`] = JOIN_TYPES;
    path.files[`${entry}.js`] = `/* @ts-self-types="./join.d.ts" */\n${path.files[`${entry}.js`]}`;
  }
  const types = readFileSync(new URL("../npm/json_types.d.ts", import.meta.url), "utf8");
  const json = {
    name: "@std/json",
    version,
    exports: { "./types": "./types.ts" },
    files: { "types.ts": types },
  };
  return [path, json];
}

/** The same as packages of JSR's npm layer. */
export function stdNpmPackages() {
  return stdPackages().map(({ name, exports, files }) => {
    const compiled = { ...files };
    if (compiled["types.ts"]) {
      compiled["types.d.ts"] = compiled["types.ts"];
      compiled["types.js"] = "export {};\n";
      delete compiled["types.ts"];
    }
    const packageJson = {
      name: npmNameOf(name),
      version,
      type: "module",
      exports: Object.fromEntries(
        Object.entries(exports).map(([entry, file]) => {
          const stem = file.replace(/\.[jt]s$/, "");
          return [entry, { types: `${stem}.d.ts`, default: `${stem}.js` }];
        }),
      ),
    };
    return {
      packageJson,
      tgz: tarball({ "package.json": JSON.stringify(packageJson), ...compiled }),
    };
  });
}
