/** A program as command-line tools are often shipped: one file, or one executable. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pack } from "../.ci/pack.mjs";
import { bun, deno } from "../tests/support/runtimes.mjs";
import { ours } from "./peers/mod.mjs";
import { work } from "./runtimes.mjs";

const place = `${work}/bundled`;
// It comes with tsx.
const esbuild = fileURLToPath(new URL("../node_modules/esbuild/bin/esbuild", import.meta.url));
const FLAGS = {
  esbuild: ["--bundle", "--platform=node", "--format=esm", "--log-level=error"],
  deno: ["-q", "--no-config", "--no-lock", "--node-modules-dir=manual"],
};

/** What makes one file of a program, by runtime: its name, and the command from source to result. */
const BUNDLERS = {
  node: { "esbuild": (from, to) => [esbuild, from, ...FLAGS.esbuild, `--outfile=${to}`] },
  deno: { "deno bundle": (from, to) => [deno, "bundle", ...FLAGS.deno, from, "-o", to] },
  bun: {
    "bun build": (from, to) => [bun, "build", from, "--target=bun", `--outfile=${to}`],
    "bun build --compile": (from, to) => [bun, "build", "--compile", from, `--outfile=${to}`],
  },
};

/** What makes one file of our program on a runtime. */
export function bundlersOn(runtime) {
  return Object.entries(BUNDLERS[runtime]).map(([by, command], index) => ({
    id: `bundled_${index}`,
    name: `${ours.name}, ${by}`,
    isExecutable: by.includes("--compile"),
    /** The file that it makes of this text. */
    bundle(name, text) {
      installFromNpm();
      const result = `${place}/${runtime}-${index}-${name}`;
      writeFileSync(`${result}.source.mjs`, text);
      const file = this.isExecutable ? result : `${result}.mjs`;
      run(command(`${result}.source.mjs`, file));
      return file;
    },
  }));
}

let isInstalled = false;

/** Bundlers take the package of npm: in that of JSR's npm layer, @std would have to be found, too. */
function installFromNpm() {
  if (isInstalled) return;
  rmSync(place, { recursive: true, force: true });
  const directory = `${place}/node_modules/${ours.name}`;
  mkdirSync(directory, { recursive: true });
  const { tarball } = pack(place);
  run(["tar", "-xzf", tarball, "--strip-components=1", "-C", directory]);
  isInstalled = true;
}

function run([command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: place, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
}
