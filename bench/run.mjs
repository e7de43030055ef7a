// Measures the library against what its users would use instead.
//
//   npm run bench                          everything; writes the results and the README's part of them
//   npm run bench -- --quick               the main ratios, in under two minutes; writes nothing
//   npm run bench -- --on=node --only=cold,warm,store,contention
//
// Ends non-zero only where it could not measure.
import { execFileSync } from "node:child_process";
import { arch, cpus, release, type } from "node:os";
import { fileURLToPath } from "node:url";
import { measureColdStart } from "./cold_start.mjs";
import { measureContention } from "./contention.mjs";
import { installLibrary, sizeOfLibrary, versionsOfPeers } from "./library.mjs";
import { linesOf, publish } from "./report.mjs";
import { runtimeNames, versionOf } from "./runtimes.mjs";
import { measureRemotePeers } from "./remote_peers.mjs";
import { measureStore } from "./store.mjs";
import { rowsOf } from "./targets.mjs";
import { measureWarmLookup } from "./warm_lookup.mjs";

const quick = process.argv.includes("--quick");
const listed = (name, all) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split(
    "=",
  )[1].split(",") ?? all;

const parts = {
  cold: (runtime) => measureColdStart(runtime, { rounds: 40, quick }),
  warm: (runtime) =>
    measureWarmLookup(
      runtime,
      quick
        ? { sizes: [10], rounds: 60, batch: 2 }
        : { sizes: [1, 10, 100, 10_000], rounds: 150, batch: 3 },
    ),
  store: (runtime) =>
    measureStore(
      runtime,
      quick
        ? { sizes: [10], rounds: 40, batch: 3 }
        : { sizes: [10, 1000, 10_000], rounds: 60, batch: 5 },
    ),
  contention: (runtime) =>
    measureContention(
      runtime,
      quick
        ? {
          processes: [8],
          stores: 25,
          repetitions: 1,
          only: ["client_store", "proper_lockfile"],
        }
        : { processes: [1, 4, 16], stores: 50, repetitions: 3 },
    ),
  remote: (runtime) => runtime === "node" ? measureApart("remote.mjs") : [],
  remoteTenants: (runtime) => runtime === "node" ? measureApart("remote_tenants.mjs") : [],
  remotePeers: (runtime) => runtime === "node" && !quick ? measureRemotePeers() : [],
};

/** On Node alone, in a process of its own: it loads the sources, not the installed library. */
function measureApart(name) {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const args = ["--import", "tsx", program, ...quick ? ["--quick"] : []];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

const results = {
  date: new Date().toISOString().slice(0, 10),
  library: installLibrary(),
  peers: versionsOfPeers(),
  system: `${type()} ${release()} (${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"})`,
  versions: {},
  size: sizeOfLibrary(),
  runtimes: {},
  failures: [],
};

for (const runtime of listed("on", runtimeNames)) {
  const version = versionOf(runtime);
  if (version === undefined) {
    results.failures.push({
      runtime,
      name: "the runtime",
      reason: "does not start",
    });
    continue;
  }
  results.versions[runtime] = version;
  results.runtimes[runtime] = {};
  for (const part of listed("only", Object.keys(parts))) {
    try {
      const measured = await parts[part](runtime);
      results.runtimes[runtime][part] = measured;
      for (const failure of failuresIn(measured)) {
        results.failures.push({ runtime, ...failure });
      }
    } catch (error) {
      results.failures.push({ runtime, name: part, reason: error.message });
    }
    console.error(`${runtime}: ${part} measured`);
  }
}

/** The peers that could not be measured; one of which a process died beside others was. */
function failuresIn(measured) {
  if (!Array.isArray(measured)) return measured.failures;
  return measured.flatMap(({ processes, peers = [] }) =>
    peers.filter(({ stored, failures }) => stored === 0 && failures.length > 0)
      .map((
        { name, failures: [reason] },
      ) => ({ name: `${name}, ${processes} at once`, reason }))
  );
}

const rows = rowsOf(results);
for (const line of linesOf(rows)) console.log(line);
for (const { runtime, name, reason } of results.failures) {
  console.log(`Could not measure: ${runtime}, ${name}: ${reason}`);
}
const isWhole = !quick &&
  !process.argv.some((argument) => /^--(on|only)=/.test(argument));
if (isWhole) await publish(results, rows);
process.exitCode = results.failures.length > 0 ? 1 : 0;
