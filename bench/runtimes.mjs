/** The runtimes: their real binaries, and children that start in a clean environment. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bun, deno, node } from "../tests/support/runtimes.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Scratch space beside the installed peers, so that what is generated there finds them. */
export const work = path("work");
const home = `${work}/home`;
mkdirSync(home, { recursive: true });

/**
 * Deno runs the sources of the library, as it does when they come from JSR, and finds the peers in
 * node_modules. The same flags start the bare runtime.
 */
const denoFlags = [
  "--allow-all",
  "--no-check",
  "--no-config",
  "--no-lock",
  "--node-modules-dir=manual",
  `--import-map=${path("../tests/npm/import_map.json")}`,
];

const commands = {
  node: (program, ...args) => [node, program, ...args],
  deno: (program, ...args) => [deno, "run", ...denoFlags, program, ...args],
  bun: (program, ...args) => [bun, program, ...args],
  executable: (program, ...args) => [program, ...args],
};

/** @typedef {"node" | "deno" | "bun"} RuntimeName */

/** @type {RuntimeName[]} */
export const runtimeNames = ["node", "deno", "bun"];

/** The peer that is written by hand; Bun's only synchronous file system is that of Node. */
export function handId(runtime) {
  return `by_hand_${runtime === "deno" ? "deno" : "node"}`;
}

/** What a command in a terminal needs; a set NODE_EXTRA_CA_CERTS alone doubles Node's start. */
export function cleanEnvironment(extra = {}) {
  const { PATH, SystemRoot, TMPDIR } = process.env;
  const environment = {
    PATH,
    SystemRoot,
    TMPDIR,
    HOME: home,
    DENO_DIR: `${work}/deno_dir`,
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    ...extra,
  };
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value),
  );
}

/** @param {RuntimeName | "executable"} runtime */
export function commandLine(runtime, program, ...args) {
  return commands[runtime](program, ...args);
}

/** The version that a runtime prints, or `undefined` when it does not start. */
export function versionOf(runtime) {
  const binary = { node, deno, bun }[runtime];
  const { status, stdout } = spawnSync(binary, ["--version"], {
    env: cleanEnvironment(),
    encoding: "utf8",
  });
  return status === 0 ? /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] : undefined;
}

/** Runs a program to its end and returns the milliseconds that it took. */
export function timeProcess(runtime, program, environment) {
  const [command, ...args] = commandLine(runtime, program);
  const started = performance.now();
  const { status, stderr } = spawnSync(command, args, {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  const time = performance.now() - started;
  if (status !== 0) throw new Error(firstLine(stderr));
  return time;
}

/** Runs one of the programs in `programs/` with `config`; resolves to the JSON that it prints. */
export function runProgram(runtime, name, config) {
  const { go, result } = startProgram(runtime, name, config);
  go();
  return result;
}

/**
 * Starts a program that may print a line when it is ready, and then wait for its standard input.
 *
 * @returns {{ ready: Promise<unknown>, go: () => void, result: Promise<object> }} `ready` settles
 * with the first line or the end of the program, `result` is the JSON that it prints last.
 */
export function startProgram(runtime, name, config) {
  const program = path(`programs/${name}.mjs`);
  const [command, ...args] = commandLine(
    runtime,
    program,
    JSON.stringify(config),
  );
  const child = spawn(command, args, { env: cleanEnvironment() });
  let output = "";
  let errors = "";
  child.stdin.on("error", () => {}); // it may have ended before
  child.stderr.on("data", (data) => errors += data);
  const ready = new Promise((resolve) => {
    child.stdout.on("data", (data) => resolve(output += data));
    child.on("error", resolve);
    child.on("close", resolve);
  });
  const result = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(output.trim().split("\n").at(-1)));
      else reject(new Error(firstLine(errors) || `${name} ended with ${code}`));
    });
  });
  return { ready, go: () => child.stdin.end("go\n"), result };
}

function firstLine(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.find((line) => /error/i.test(line)) ??
    lines.find((line) => line !== "") ?? "";
}
