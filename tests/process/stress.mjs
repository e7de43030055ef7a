// Many processes of all three runtimes store at once, while some are killed, one is stopped past the
// recovery time and continued, and readers watch. Prints what was lost: nothing.
//
//   node tests/process/stress.mjs [--writers=32] [--stores=80] [--kills=12] [--seed=1]
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { commandFor } from "../support/runtimes.mjs";

const runtimes = ["deno", "bun", "node"];
const writer = fileURLToPath(new URL("./writer.ts", import.meta.url));

/** Runs the whole trial; resolves to its counts. */
export async function stress({ writers = 8, stores = 25, kills = 4, seed = 1 } = {}) {
  const home = mkdtempSync(join(tmpdir(), "client-store-stress-"));
  const directory = join(home, "ocamlgpt");
  const file = join(directory, "registered.json");
  const counts = {
    acknowledged: 0,
    lost: 0,
    reads: 0,
    invalid: 0,
    wrongMode: 0,
    errors: [],
    killed: 0,
    longestWait: 0,
  };
  const random = generator(seed);
  const acknowledged = new Set();

  /** A process that stores `stores` issuers of its own and acknowledges each. */
  function start(name, runtime) {
    const [command, ...args] = [...commandFor(runtime, writer), name, String(stores)];
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, XDG_CONFIG_HOME: home },
    });
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const { issuer, milliseconds, error } = JSON.parse(line);
      if (error) return counts.errors.push(`${name}: ${error}`);
      acknowledged.add(issuer);
      if (!child.wasStopped) counts.longestWait = Math.max(counts.longestWait, milliseconds);
    });
    let errors = "";
    child.stderr.on("data", (data) => errors += data);
    child.finished = new Promise((resolve) =>
      child.on("close", (code, signal) => {
        if (code !== 0 && signal !== "SIGKILL") {
          counts.errors.push(`${name} (${runtime}) ended ${code}: ${errors}`);
        }
        resolve();
      })
    );
    return child;
  }

  /** What a reader sees at any moment must be whole and private. */
  function look() {
    counts.reads++;
    try {
      const text = readFileSync(file, "utf8");
      const value = JSON.parse(text);
      if (typeof value !== "object") counts.invalid++;
      if ((statSync(file).mode & 0o777) !== 0o600) counts.wrongMode++;
    } catch (error) {
      if (error.code !== "ENOENT" || acknowledged.size > 0) counts.invalid++;
    }
  }

  const started = performance.now();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      look();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  })();
  const children = Array.from({ length: writers }, (_, n) => start(`w${n}`, runtimes[n % 3]));
  const [stopped] = children;
  setTimeout(() => {
    stopped.wasStopped = true;
    stopped.kill("SIGSTOP");
    setTimeout(() => stopped.kill("SIGCONT"), 2500);
  }, 400);
  for (let n = 0; n < kills; n++) {
    const victim = start(`k${n}`, runtimes[n % 3]);
    children.push(victim);
    // As soon as it has stored something, at a random moment: with luck, while it holds the lock.
    victim.stdout.once("data", () =>
      setTimeout(() => {
        victim.kill("SIGKILL");
        counts.killed++;
      }, random(40)));
  }
  await Promise.all(children.map((child) => child.finished));
  const seconds = (performance.now() - started) / 1000;
  const last = start("last", "node");
  await last.finished;
  isOver = true;
  await watching;

  const stored = JSON.parse(readFileSync(file, "utf8"));
  counts.acknowledged = acknowledged.size;
  counts.lost = [...acknowledged].filter((issuer) => !Object.hasOwn(stored, issuer)).length;
  const leftovers = readdirSync(directory).filter((name) => name !== "registered.json");
  rmSync(home, { recursive: true });
  return { ...counts, leftovers, perSecond: Math.round(acknowledged.size / seconds), seed };
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
  const result = await stress({ writers: 32, stores: 80, kills: 12, ...options, seed });
  console.log(JSON.stringify(result, null, 2));
  const isGood = result.lost + result.invalid + result.wrongMode + result.errors.length +
      result.leftovers.length === 0;
  process.exitCode = isGood ? 0 : 1;
}
