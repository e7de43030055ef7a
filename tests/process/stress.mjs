// Many processes of all three runtimes store at once. Some are killed at a random moment, many are
// stopped for longer than a lock is waited for, and continued; readers watch. Prints what was lost:
// nothing.
//
//   node tests/process/stress.mjs [--writers=32] [--seconds=90] [--stops=300] [--kills=60] [--seed=1]
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { commandFor } from "../support/runtimes.mjs";

const runtimes = ["deno", "bun", "node"];
const writer = fileURLToPath(new URL("./writer.ts", import.meta.url));
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How long a process is stopped, in milliseconds: longer than a lock is waited for. */
const SHORTEST_STOP = 2000;
const LONGEST_STOP = 6000;

/** Runs the whole trial; resolves to its counts. */
export async function stress(
  { writers = 9, seconds = 12, stops = 30, kills = 6, seed = 1 } = {},
) {
  const home = mkdtempSync(join(tmpdir(), "client-store-stress-"));
  const directory = join(home, "ocamlgpt");
  const file = join(directory, "registered.json");
  const counts = {
    ...{ acknowledged: 0, lost: 0, reads: 0, invalid: 0, backwards: 0, wrongMode: 0 },
    ...{ stopped: 0, killed: 0, timedOut: 0, errors: [] },
  };
  const random = generator(seed);
  const acknowledged = new Set();
  const running = new Set();
  const everyone = [];
  let isOver = false;
  let started = 0;

  /** A process that stores issuers of its own, one after the other, and acknowledges each. */
  function start(stores = "") {
    const runtime = runtimes[started % 3];
    const name = `w${started++}`;
    const [command, ...args] = [...commandFor(runtime, writer), name, stores];
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, XDG_CONFIG_HOME: home },
    });
    child.stdin.on("error", () => {}); // it was killed
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const { issuer, milliseconds, code, error } = JSON.parse(line);
      if (issuer) acknowledged.add(issuer);
      // Whoever is stopped while it waits, or waits for those who are, has really waited that long.
      else if (code === "ETIMEDOUT" && milliseconds >= 10_000) counts.timedOut++;
      else counts.errors.push(`${name}: ${error}`);
    });
    let errors = "";
    child.stderr.on("data", (data) => errors += data);
    running.add(child);
    everyone.push(
      new Promise((resolve) =>
        child.on("close", (code, signal) => {
          running.delete(child);
          if (code !== 0 && signal !== "SIGKILL") {
            counts.errors.push(`${name} (${runtime}) ended ${code}: ${errors}`);
          }
          resolve();
        })
      ),
    );
    return child;
  }

  /** What a reader sees at any moment must be whole, private, and have all that was seen before. */
  let seen = [];
  function look() {
    counts.reads++;
    try {
      const issuers = Object.keys(JSON.parse(readFileSync(file, "utf8")));
      if (seen.some((issuer, at) => issuers[at] !== issuer)) counts.backwards++;
      seen = issuers;
      if ((statSync(file).mode & 0o777) !== 0o600) counts.wrongMode++;
    } catch (error) {
      if (error.code !== "ENOENT" || acknowledged.size > 0) counts.invalid++;
    }
  }

  async function watch() {
    while (!isOver) {
      look();
      await sleep(5);
    }
  }

  /** Does `harm` to one process after the other, so many times in the whole time. */
  async function harass(times, harm) {
    for (let n = 0; n < times; n++) {
      await sleep((seconds * 1000 / times) * (0.5 + random(1000) / 1000));
      const victims = [...running].filter((child) => !child.isStopped && !isOver);
      if (victims.length > 0) harm(victims[random(victims.length)]);
    }
  }

  const watching = watch();
  for (let n = 0; n < writers; n++) start();
  while (acknowledged.size === 0) await sleep(10);
  const begun = performance.now();
  const continued = [];
  await Promise.all([
    harass(stops, (child) => {
      child.isStopped = true;
      child.kill("SIGSTOP");
      counts.stopped++;
      const length = SHORTEST_STOP + random(LONGEST_STOP - SHORTEST_STOP);
      continued.push(
        sleep(length).then(() => {
          child.kill("SIGCONT");
          child.isStopped = false;
        }),
      );
    }),
    harass(kills, (child) => {
      child.kill("SIGKILL");
      counts.killed++;
      start();
    }),
    sleep(seconds * 1000),
  ]);
  await Promise.all(continued);
  const perSecond = Math.round(1000 * acknowledged.size / (performance.now() - begun));
  for (const child of running) child.stdin.end(); // which asks it to stop
  await Promise.all(everyone);
  start("1");
  await Promise.all(everyone);
  isOver = true;
  await watching;

  const stored = JSON.parse(readFileSync(file, "utf8"));
  counts.acknowledged = acknowledged.size;
  counts.lost = [...acknowledged].filter((issuer) => !Object.hasOwn(stored, issuer)).length;
  const leftovers = readdirSync(directory).filter((name) => name !== "registered.json");
  rmSync(home, { recursive: true });
  return { ...counts, leftovers, perSecond, seed };
}

function generator(seed) {
  let state = seed;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const options = Object.fromEntries(
    process.argv.slice(2).map((flag) => flag.slice(2).split("=")).map((
      [name, value],
    ) => [name, Number(value)]),
  );
  const seed = options.seed ?? Date.now() % 1e6;
  const full = { writers: 32, seconds: 90, stops: 320, kills: 64 };
  const result = await stress({ ...full, ...options, seed });
  console.log(JSON.stringify(result, null, 2));
  const { lost, invalid, backwards, wrongMode, errors, leftovers } = result;
  const faults = lost + invalid + backwards + wrongMode + errors.length + leftovers.length;
  process.exitCode = faults === 0 ? 0 : 1;
}
