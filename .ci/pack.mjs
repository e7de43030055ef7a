// Makes the npm package of what JSR gets: the same version of the same sources.
//
//   node .ci/pack.mjs <directory for the tarball>
//
// `deno pack` compiles and writes the declarations. Where it falls short, this does the rest: it would
// ask JSR for @std, leave the names of @std/path as they are and oauth4webapi out of the dependencies,
// and knows neither `bin`, which needs a line for the shell, nor `engines` nor `sideEffects`.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deno } from "../tests/support/runtimes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const std = join(root, "node_modules/deno-std");
const readJson = (file) => JSON.parse(fs.readFileSync(join(root, file), "utf8"));

/** The files of `@std/path` that joining takes, verbatim: npm users install no package for it. */
function copyPath(file, to) {
  const target = join(to, relative(join(std, "path"), file));
  if (fs.existsSync(target)) return;
  const text = fs.readFileSync(file, "utf8");
  fs.mkdirSync(dirname(target), { recursive: true });
  fs.writeFileSync(target, text);
  for (const [, specifier] of text.matchAll(/from "(\.[^"]+)"/g)) {
    copyPath(join(dirname(file), specifier), to);
  }
}

/** What a source imports from JSR, as files beside it. */
function withoutJsr(text, file) {
  const up = "../".repeat(file.split("/").length - 1) || "./";
  return text
    .replace(/"@std\/json\/types"/g, `"${up}vendor/json_types.ts"`)
    .replace(
      /^import .* from "@std\/path\/(\w+)\/join";$/gm,
      (line, os) =>
        `// @ts-types="${up}vendor/join.d.ts"\n${
          line.replace(/"[^"]+"/, `"${up}vendor/std_path/${os}/join.js"`)
        }`,
    );
}

/** Lays the sources out so that nothing in them comes from JSR. */
function stage(directory) {
  const config = readJson("deno.json");
  for (const entry of config.publish.include) {
    fs.cpSync(join(root, entry), join(directory, entry), { recursive: true });
  }
  fs.symlinkSync(join(root, "node_modules"), join(directory, "node_modules"), "junction");
  fs.writeFileSync(join(directory, "package.json"), "{}");
  const files = fs.readdirSync(join(directory, "src"), { recursive: true })
    .map((name) => `src/${name.replaceAll("\\", "/")}`);
  for (const file of ["mod.ts", ...files].filter((name) => name.endsWith(".ts"))) {
    const path = join(directory, file);
    fs.writeFileSync(path, withoutJsr(fs.readFileSync(path, "utf8"), file));
  }
  const vendor = join(directory, "vendor");
  for (const os of ["posix", "windows"]) {
    copyPath(join(std, `path/${os}/join.js`), join(vendor, "std_path"));
  }
  // Its headers name the owner and the licence, the terms of which are ours.
  const license = fs.readFileSync(join(root, "LICENSE"), "utf8");
  fs.writeFileSync(
    join(vendor, "LICENSE"),
    license.replace(/^Copyright .*$/m, "Copyright 2018-2025 the Deno authors."),
  );
  fs.writeFileSync(
    join(vendor, "join.d.ts"),
    "export declare function join(...segments: string[]): string;\n",
  );
  fs.copyFileSync(join(root, "tests/npm/json_types.d.ts"), join(vendor, "json_types.ts"));
}

/** The manifest: what `deno.json` says, in npm's words. */
function manifest() {
  const { name, version, description, license, exports, imports } = readJson("deno.json");
  const compiled = (entry) => entry.replace(/\.ts$/, ".js");
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
  const oauth4webapi = /^npm:oauth4webapi@(.+)$/.exec(imports.oauth4webapi);
  return {
    name,
    version,
    description,
    license,
    keywords: ["oauth2", "rfc7591", "dynamic-client-registration", "mcp", "cli", "deno", "bun"],
    // npm takes the provenance of a package only if it names where it was built.
    ...(GITHUB_REPOSITORY &&
      { repository: { type: "git", url: `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git` } }),
    type: "module",
    main: compiled(exports["."]),
    types: exports["."].replace(/\.ts$/, ".d.ts"),
    exports: {
      ...Object.fromEntries(
        Object.entries(exports).map(([entry, file]) => [
          entry,
          { types: file.replace(/\.ts$/, ".d.ts"), default: compiled(file) },
        ]),
      ),
      "./package.json": "./package.json",
    },
    ...(exports["./cli"] && { bin: { "client-store": compiled(exports["./cli"]) } }),
    engines: readJson(".ci/versions.json").engines,
    sideEffects: false,
    dependencies: { oauth4webapi: oauth4webapi[1] },
    publishConfig: { access: "public", provenance: true },
  };
}

/** Lets a shell start the command line with Node: npm only links to the file. */
function makeExecutable(unpacked, bin) {
  for (const file of Object.values(bin ?? {}).map((name) => join(unpacked, name))) {
    const text = fs.readFileSync(file, "utf8");
    if (!text.startsWith("#!")) fs.writeFileSync(file, `#!/usr/bin/env node\n${text}`);
    fs.chmodSync(file, 0o755);
  }
}

/** Runs a command, and ends with what it has said if it fails. */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/**
 * Packs the npm package.
 *
 * @param {string} directory Where the tarball is put.
 * @returns {{ tarball: string, packageJson: object }} The tarball's path, and what its manifest says.
 */
export function pack(directory) {
  const work = fs.mkdtempSync(join(tmpdir(), "client-store-pack-"));
  try {
    const staged = join(work, "staged");
    fs.mkdirSync(staged);
    stage(staged);
    const packed = join(work, "packed.tgz");
    run(deno, ["pack", "--allow-dirty", "--no-source-maps", "--output", packed], staged);
    run("tar", ["-xzf", packed, "-C", work], work);
    const packageJson = manifest();
    const unpacked = join(work, "package");
    fs.writeFileSync(
      join(unpacked, "package.json"),
      JSON.stringify(packageJson, undefined, 2) + "\n",
    );
    makeExecutable(unpacked, packageJson.bin);
    const name = `${packageJson.name.slice(1).replace("/", "-")}-${packageJson.version}.tgz`;
    const tarball = join(directory, name);
    fs.mkdirSync(directory, { recursive: true });
    run("tar", ["-czf", tarball, "-C", work, "package"], work);
    return { tarball, packageJson };
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(pack(process.argv[2] ?? root).tarball);
}
