/** Warm lookups at several sizes of the file. */
import { rmSync } from "node:fs";
import { directoryWith } from "./clients.mjs";
import { handId, runProgram, work } from "./runtimes.mjs";

/** A cache counts only for a file that was older than this when it was read. */
const SETTLED = 2200;

/** @returns {Promise<{ count: number, stat: object, first: object, conf: object }[]>} */
export async function measureWarmLookup(runtime, { sizes, rounds, batch }) {
  const results = [];
  const directories = sizes.map((count) =>
    directoryWith(`${work}/warm-${runtime}-${count}`, count)
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLED));
  for (const [at, count] of sizes.entries()) {
    const directory = directories[at];
    const config = {
      directory,
      count,
      byHand: handId(runtime),
      rounds,
      batch,
      withConf: count > 1,
    };
    results.push({
      count,
      ...await runProgram(runtime, "warm_lookup", config),
    });
    rmSync(directory, { recursive: true });
  }
  return results;
}
