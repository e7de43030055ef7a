/**
 * What `client-store get` takes beside a program that looks up the same client and nothing else: whole
 * processes in adjacent pairs, in turn.
 *
 *   node bench/command_line.mjs [rounds]
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { client, directoryWith, issuer } from "./clients.mjs";
import { installLibrary } from "./library.mjs";
import { cleanEnvironment, commandLine, runtimeNames, work } from "./runtimes.mjs";

const rounds = Number(process.argv[2] ?? 30);
const installed = fileURLToPath(new URL("node_modules/@oauth2/client-store", import.meta.url));
const directory = `${work}/command-line`;

installLibrary();
directoryWith(`${directory}/ocamlgpt`, 10);
const wanted = JSON.stringify(issuer(7));
const bare = `${directory}/lookup.mjs`;
writeFileSync(
  bare,
  `import { lookup } from ${JSON.stringify(`${installed}/mod.js`)};\nawait lookup(${wanted});\n`,
);
for (const runtime of runtimeNames) {
  const lookup = commandLine(runtime, bare);
  const get = commandLine(runtime, `${installed}/src/cli/mod.js`, "get", issuer(7));
  if (run(get).stdout !== `${client(7).client_id}\n`) throw new Error(`get on ${runtime}`);
  run(lookup);
  const ratios = Array.from({ length: rounds }, (_, round) => {
    const [first, second] = round % 2 ? [lookup, get] : [get, lookup];
    const times = new Map([[first, run(first).time]]);
    times.set(second, run(second).time);
    return times.get(get) / times.get(lookup);
  }).sort((a, b) => a - b);
  const at = (part) => ratios[Math.floor(part * (rounds - 1))].toFixed(2);
  console.log(`${runtime}: ${at(0.5)} (${at(0.25)} to ${at(0.75)}) of a bare lookup`);
}

function run([command, ...args]) {
  const started = performance.now();
  const env = cleanEnvironment({ XDG_CONFIG_HOME: directory });
  const { stdout } = spawnSync(command, args, { env, encoding: "utf8" });
  return { stdout, time: performance.now() - started };
}
