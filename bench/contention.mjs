/** Processes that store at the same time: what is lost, what a reader sees torn, how long it takes. */
import { readFileSync, rmSync } from "node:fs";
import { client, directoryWith, issuer } from "./clients.mjs";
import { figure, shuffled } from "./pairs.mjs";
import { ours, peers } from "./peers/mod.mjs";
import { startProgram, work } from "./runtimes.mjs";

const KNOWN = 10;
const COMPARED = ["client_store", "proper_lockfile", "proper_lockfile_flushed"];
/** One file for each issuer: no two processes here write the same, and nothing can be lost. */
const WITHOUT_FILE = ["unstorage", "mcp_remote_way"];

/** @returns {Promise<{ processes: number, peers: object[] }[]>} */
export async function measureContention(
  runtime,
  { processes, stores, repetitions, only },
) {
  const chosen = [ours, ...peers].filter(({ id }) => !only || only.includes(id));
  const compared = chosen.filter(({ id }) => COMPARED.includes(id));
  const others = chosen.filter(({ id }) => !COMPARED.includes(id));
  const results = [];
  for (const number of processes) {
    const runs = new Map(chosen.map(({ id }) => [id, []]));
    for (let repetition = 0; repetition < repetitions; repetition++) {
      // What is compared runs every time, in a pair; what only shows its losses runs once.
      const once = repetition === 0 ? others : [];
      for (const { id } of [...shuffled(compared), ...shuffled(once)]) {
        runs.get(id).push(await contend(runtime, id, number, stores));
      }
    }
    results.push({
      processes: number,
      peers: chosen.map(({ id, name }) => summary(id, name, runs.get(id), runs.get(ours.id))),
    });
  }
  return results;
}

async function contend(runtime, id, processes, count) {
  const directory = directoryWith(`${work}/contention-${id}`, KNOWN);
  const programs = Array.from({ length: processes }, (_, n) => {
    const first = KNOWN + n * count;
    return startProgram(runtime, "storing", { id, directory, first, count });
  });
  let isOver = false;
  const running = Promise.allSettled(programs.map(({ result }) => result))
    .finally(() => isOver = true);
  await Promise.all(programs.map(({ ready }) => ready));
  for (const { go } of programs) go();
  const reads = WITHOUT_FILE.includes(id)
    ? { torn: 0, reads: 0 }
    : await watch(directory, () => isOver);
  const ended = await running;
  const reports = ended.flatMap(({ status, value }) => status === "fulfilled" ? [value] : []);
  const failures = ended.flatMap(({ reason }) => reason ? [reason.message] : []);
  const stored = reports.flatMap((report) => report.stored);
  const kept = await keptOf(id, directory, stored);
  rmSync(directory, { recursive: true });
  const time = Math.max(...reports.map((report) => report.ended)) -
    Math.min(...reports.map((report) => report.started));
  return {
    ...reads,
    stored: stored.length,
    lost: stored.length - kept,
    errors: reports.reduce(
      (total, report) => total + report.errors,
      failures.length,
    ),
    failures,
    longest: Math.max(...reports.map((report) => report.longest)),
    rate: kept * 1000 / time,
  };
}

/** Reads the file as a user's other program may at any moment. */
async function watch(directory, isOver) {
  let torn = 0;
  let reads = 0;
  while (!isOver()) {
    try {
      JSON.parse(readFileSync(`${directory}/registered.json`, "utf8"));
    } catch {
      torn++; // empty, half, or not there
    }
    reads++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { torn, reads };
}

/** How many of the acknowledged stores are there at the end. */
async function keptOf(id, directory, stored) {
  try {
    const { open } = await import(`./peers/${id}.mjs`);
    const store = await open(directory);
    let kept = 0;
    for (const n of stored) {
      try {
        if (
          (await store.lookup(issuer(n)))?.client_id === client(n).client_id
        ) kept++;
      } catch {
        // one file for each issuer, and this one is not there
      }
    }
    return kept;
  } catch {
    return 0; // the file cannot be read any more
  }
}

function summary(id, name, runs, our) {
  const total = (member) => runs.reduce((sum, run) => sum + run[member], 0);
  return {
    id,
    name,
    stored: total("stored"),
    lost: total("lost"),
    torn: total("torn"),
    reads: total("reads"),
    errors: total("errors"),
    failures: [...new Set(runs.flatMap(({ failures }) => failures))],
    rate: figure(runs.map(({ rate }) => rate)),
    longest: figure(runs.map(({ longest }) => longest)),
    ours: figure(runs.map(({ rate }, n) => our[n].rate / rate)),
    oursLongest: figure(runs.map(({ longest }, n) => our[n].longest / longest)),
  };
}
