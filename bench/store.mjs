/** Stores beside those of a program written by hand and of the peers that are safe in some way. */
import { existsSync, rmSync } from "node:fs";
import { directoryWith } from "./clients.mjs";
import { handId, runProgram, work } from "./runtimes.mjs";

/** Where stores are timed: on tmpfs the disk's own noise is left out. */
export const places = [
  ...(existsSync("/dev/shm") ? [{ name: "tmpfs", directory: "/dev/shm/client-store-bench" }] : []),
  { name: "disk", directory: `${work}/store` },
];

/** @returns {Promise<{ place: string, count: number, id: string, peer: string, ours: object, theirs: object, ratio: object }[]>} */
export async function measureStore(runtime, { sizes, rounds, batch }) {
  const results = [];
  for (const place of places) {
    for (const count of sizes) {
      for (const [id, peer] of pairsFor(runtime, count)) {
        const inPlace = (id) => ({
          id,
          directory: directoryWith(`${place.directory}/${id}`, count),
        });
        const config = {
          ours: inPlace(id),
          theirs: inPlace(peer),
          count,
          rounds,
          batch,
        };
        const figures = await runProgram(runtime, "store", config);
        results.push({ place: place.name, count, id, peer, ...figures });
      }
    }
    if (place.name === "disk") {
      results.push(await measureTogether(runtime, place, rounds));
    }
    rmSync(place.directory, { recursive: true });
  }
  return results;
}

/** What is waiting in one process is written together. */
async function measureTogether(runtime, { name, directory }, rounds) {
  const [atOnce, inTurn] = [500, 25];
  const figures = await runProgram(runtime, "together", {
    ours: directoryWith(`${directory}/together`, atOnce),
    theirs: directoryWith(`${directory}/in-turn`, atOnce),
    atOnce,
    inTurn,
    rounds,
  });
  return {
    place: name,
    count: atOnce,
    id: "client_store_together",
    peer: "client_store",
    ...figures,
  };
}

/** What is compared with what; a lock file alone matters where little else is done. */
function pairsFor(runtime, count) {
  const hand = handId(runtime);
  const pairs = [
    ["client_store", hand],
    ["client_store", "proper_lockfile"],
    ["client_store", "write_file_atomic"],
  ];
  // What is in a cache at the second store has to be parsed at the first.
  return [
    ...pairs,
    count === 10 ? [`${hand}_locked`, hand] : ["client_store_afresh", hand],
  ];
}
