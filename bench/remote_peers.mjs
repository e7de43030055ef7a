// What 16 processes lose in a database, and how often they register: over us, and over what is used instead.
//
//   node bench/remote_peers.mjs [part of a name …]
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { nodeLoader } from "../tests/support/runtimes.mjs";
import { startPostgres, startRedis } from "../tests/support/servers.mjs";
import { open } from "./peers/remote.mjs";

const PROCESSES = 16;
const EACH = 20;
const program = fileURLToPath(
  new URL("programs/remote_peer.mjs", import.meta.url),
);

/** Starts these processes; they begin when all of them are there. Resolves to what each has said. */
async function run(processes) {
  const all = processes.map((args) => {
    const command = [...nodeLoader, program, ...args.map(String)];
    const child = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, next: async () => (await lines.next()).value, name: args[0] };
  });
  try {
    for (const { next, name } of all) {
      if (await next() !== "ready") throw new Error(`${name} did not start`);
    }
    for (const { child } of all) child.stdin.end("begin\n");
    return await Promise.all(all.map(async ({ next, name }) => {
      const said = await next();
      if (said === undefined) throw new Error(`${name} failed`);
      return JSON.parse(said);
    }));
  } finally {
    for (const { child } of all) child.kill("SIGKILL");
  }
}

async function measure(name, url) {
  const processes = (names, count) => names.map((one) => [name, url, one, count]);
  await run(processes(["first"], 1)); // it creates what it needs
  const names = Array.from({ length: PROCESSES }, (_, n) => `p${n}`);
  const said = await run(processes(names, EACH));
  const [{ notes }] = await run(processes(["first"], 0));
  return {
    name,
    isOurs: name.startsWith("@oauth2/client-store"),
    updates: PROCESSES * EACH,
    lost: PROCESSES * EACH + 1 - notes,
    registrations: said.reduce((sum, { registrations }) => sum + registrations, 0),
  };
}

/** How many of 320 updates are lost, and how many registrations 16 processes make. */
export async function measureRemotePeers(isWanted = () => true) {
  const measured = [];
  for (const [start, isOn] of [[startPostgres, /postgres/i], [startRedis, /redis/i]]) {
    for (const name of Object.keys(open).filter((name) => isOn.test(name) && isWanted(name))) {
      const server = await start();
      if (!server) continue;
      try {
        measured.push(await measure(name, server.url));
      } finally {
        await server.end();
      }
    }
  }
  return measured;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const parts = process.argv.slice(2);
  const isWanted = (name) => parts.length === 0 || parts.some((part) => name.includes(part));
  console.log(JSON.stringify(await measureRemotePeers(isWanted), null, 2));
  process.exit(0);
}
