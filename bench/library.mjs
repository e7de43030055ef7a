/** Installs the library beside its peers, as users get it from JSR. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { bun, deno } from "../tests/support/runtimes.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const installed = fileURLToPath(
  new URL("node_modules/@oauth2/client-store", import.meta.url),
);

/**
 * JSR's npm compatibility layer turns each module into one JavaScript file, comments kept, with the
 * emitter that Deno has, and lets imports point to them.
 */
export function installLibrary() {
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  const modules = readdirSync(join(root, "src"), { recursive: true }).map((
    name,
  ) => `src/${name}`);
  const sources = ["mod.ts", ...modules].filter((name) => name.endsWith(".ts"));
  const args = [
    "transpile",
    "--no-check",
    "--no-config",
    "--outdir",
    installed,
    ...sources,
  ];
  const { status, stderr } = spawnSync(deno, args, {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot transpile the library: ${stderr}`);
  for (const source of sources) {
    const file = join(installed, source.replace(/\.ts$/, ".js"));
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      text.replace(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"'),
    );
  }
  const { version } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
  const manifest = {
    name: "@oauth2/client-store",
    version,
    type: "module",
    exports: { ".": "./mod.js" },
  };
  writeFileSync(
    join(installed, "package.json"),
    JSON.stringify(manifest, null, 2),
  );
  cpSync(join(root, "LICENSE"), join(installed, "LICENSE"));
  return version;
}

/** The versions of the peers, as they are installed. */
export function versionsOfPeers() {
  const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
  const { dependencies, optionalDependencies } = read("package.json");
  const found = Object.keys({ ...dependencies, ...optionalDependencies })
    .filter((name) =>
      !name.startsWith("vega") && // draws the picture
      existsSync(new URL(`node_modules/${name}`, import.meta.url))
    );
  return Object.fromEntries(
    found.map((
      name,
    ) => [name, read(`node_modules/${name}/package.json`).version]),
  );
}

/**
 * The bytes of JavaScript that "." brings: `atStart` with what it imports, which is all that a plain
 * lookup loads; `all` with what it may ever load on any runtime. Minified, it is one file.
 */
export function sizeOfLibrary() {
  const atStart = reach(["mod.js"], /(?:from|import)\s*"(\.[^"]+)"/g);
  const every = reach(["mod.js"], /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return {
    atStart: bytesOf(atStart),
    all: { ...bytesOf(every), minified: minified() },
  };
}

function bytesOf(names) {
  const texts = names.map((name) => readFileSync(join(installed, name), "utf8"));
  return {
    modules: names.length,
    bytes: sum(texts.map((text) => Buffer.byteLength(text))),
    withoutComments: sum(
      texts.map((text) => Buffer.byteLength(withoutComments(text))),
    ),
  };
}

function minified() {
  const entry = join(installed, "mod.js");
  const args = [
    "build",
    "--minify",
    "--target=node",
    "--external=@std/*",
    entry,
  ];
  const { status, stdout, stderr } = spawnSync(bun, args, {
    encoding: "utf8",
    cwd: installed,
  });
  if (status !== 0) throw new Error(`Cannot minify the library: ${stderr}`);
  return Buffer.byteLength(stdout);
}

function reach(entries, imports) {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const code = withoutComments(readFileSync(join(installed, name), "utf8"));
    for (const [, specifier] of code.matchAll(imports)) {
      visit(normalize(join(dirname(name), specifier)));
    }
  };
  entries.forEach(visit);
  return [...seen];
}

/** The emitter begins every comment at the start of a line or after code, never within a string. */
function withoutComments(text) {
  return text.replace(/^[ \t]*\/\*[\s\S]*?\*\/[ \t]*\n?/gm, "").replace(
    /(^|[ \t])\/\/ .*$/gm,
    "",
  );
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
