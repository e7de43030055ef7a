// What 16 processes lose, and how often they register, over what is used instead in a database.
//
//   node bench/remote_peers.mjs
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startPostgres, startRedis } from "../tests/support/servers.mjs";
import { open } from "./peers/remote.mjs";

const PROCESSES = 16;
const EACH = 20;
const program = fileURLToPath(
  new URL("programs/remote_peer.mjs", import.meta.url),
);

/** How many of 320 updates each peer loses, and how many registrations 16 processes make. */
export async function measureRemotePeers() {
  const measured = [];
  for (
    const [start, isOn] of [[startPostgres, /postgres/], [startRedis, /redis/]]
  ) {
    for (const peer of Object.keys(open).filter((name) => isOn.test(name))) {
      const server = await start();
      if (!server) continue;
      try {
        const run = async (name, count, start = 0) => {
          const args = [
            program,
            peer,
            server.url,
            name,
            String(count),
            String(start),
          ];
          return Number(
            (await promisify(execFile)(process.execPath, args)).stdout,
          );
        };
        await run("first", 1); // it creates what it needs
        const start = Date.now() + 5000; // when all of them are there
        const all = Array.from(
          { length: PROCESSES },
          (_, n) => run(`p${n}`, EACH, start),
        );
        const registrations = (await Promise.all(all)).reduce(
          (sum, made) => sum + made,
          0,
        );
        const lost = PROCESSES * EACH + 1 - await run("count", 0);
        measured.push({
          name: peer,
          updates: PROCESSES * EACH,
          lost,
          registrations,
        });
      } finally {
        await server.end();
      }
    }
  }
  return measured;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await measureRemotePeers(), null, 2));
  process.exit(0);
}
