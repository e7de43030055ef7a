// Runs every test on Deno, Bun and Node, and every documented example; the last line counts them.
//
//   node tests/run.mjs [--jsr] [--on=node,deno,bun] [part of a file name …]
//
// With --jsr, Deno resolves @std/* from JSR instead of the npm redistribution. Tests in
// tests/process start processes of all three runtimes themselves, so they run once, under Node.
// Most of their time is spent waiting, so the suites run beside each other, two for each core.
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { missingServers } from "./support/authorization_server.mjs";
import { missingLibraries } from "./support/libraries.mjs";
import { canHaveHosts } from "./support/hosts.mjs";
import { hasPgBouncer } from "./support/pgbouncer.mjs";
import { startPostgres, startRedis } from "./support/servers.mjs";
import { bun, deno, denoResolution, node, nodeLoader, run } from "./support/runtimes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const runtimes = flags.find((flag) => flag.startsWith("--on="))?.slice(5).split(",") ??
  ["deno", "bun", "node"];

const files = readdirSync(new URL(".", import.meta.url), { recursive: true })
  .map((name) => `tests/${name.replaceAll("\\", "/")}`)
  .filter((name) => name.endsWith("_test.ts") && !name.includes("/node_modules/"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
const once = files.filter((name) => name.startsWith("tests/process/"));
const everywhere = files.filter((name) => !once.includes(name));

const denoTest = [
  deno,
  "test",
  "-A",
  "--no-check",
  ...denoResolution({ jsr: flags.includes("--jsr") }),
];
const nodeTest = [node, ...nodeLoader, "--test", "--test-reporter=spec"];
// How each runtime says what has passed, failed and been skipped.
const counts = {
  deno: [/(\d+) passed/, /(\d+) failed/, /(\d+) ignored/],
  bun: [/^\s*(\d+) pass$/m, /^\s*(\d+) fail$/m, /^\s*(\d+) skip$/m],
  node: [/^ℹ pass (\d+)$/m, /^ℹ fail (\d+)$/m, /^ℹ skipped (\d+)$/m],
};

// The longest come first, so that none is left to run alone.
const suites = [
  { on: "node", name: "node, processes", command: [...nodeTest, ...once], files: once },
  {
    on: "bun",
    command: [bun, "test", "--timeout", "60000", ...everywhere.map((name) => `./${name}`)],
    files: everywhere,
  },
  { on: "node", command: [...nodeTest, ...everywhere], files: everywhere },
  { on: "deno", command: [...denoTest, ...everywhere], files: everywhere },
  {
    on: "deno",
    name: "deno, documented examples",
    command: [...denoTest, "--doc", "mod.ts", "src/"],
    files: wanted.length === 0 ? ["mod.ts"] : [],
  },
].filter(({ on, files }) => runtimes.includes(on) && files.length > 0);

/** Whether a file of tests says so. */
const isSaid = (pattern) =>
  files.some((name) => pattern.test(readFileSync(new URL(`../${name}`, import.meta.url), "utf8")));

// One server of each kind for all suites, where one asks for it.
const servers = isSaid(/support\/(databases|behaviours)\.ts|TEST_(POSTGRES|REDIS)_URL/)
  ? { PostgreSQL: await startPostgres(), Redis: await startRedis() }
  : {};
const env = Object.fromEntries(
  Object.entries({ TEST_POSTGRES_URL: servers.PostgreSQL?.url, TEST_REDIS_URL: servers.Redis?.url })
    .filter(([, url]) => url !== undefined),
);

const total = { passed: 0, failed: 0, skipped: 0 };

/** The last line of a suite and of all of them. */
const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

async function runSuite({ on, name = on, command }) {
  const started = Date.now();
  const { code, output } = await run(command, { cwd: root, env });
  // The runtime's own closing lines come last, whatever the tests have printed.
  const count = (pattern) => Number(output.match(new RegExp(pattern, "gm"))?.at(-1)?.match(/\d+/));
  const [passed, failed, skipped] = counts[on].map((pattern) => count(pattern) || 0);
  const isGood = code === 0 && failed === 0 && passed > 0;
  const result = { passed, failed: isGood ? 0 : Math.max(failed, 1), skipped };
  for (const key in total) total[key] += result[key];
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (!isGood) console.log(output);
  console.log(`${name}: ${summary(result)} (${seconds} s)`);
}

const waiting = suites[Symbol.iterator]();
const runNext = async () => {
  for (const suite of waiting) await runSuite(suite);
};
await Promise.all(Array.from({ length: 2 * availableParallelism() }, runNext));
for (const [name, server] of Object.entries(servers)) {
  if (server) await server.end();
  else console.log(`skipped: tests on ${name}, which has no server here`);
}
if (isSaid(/\bhasPgBouncer\b/) && !hasPgBouncer()) {
  console.log("skipped: tests through PgBouncer, which is not on the PATH");
}
if (isSaid(/\bstartHosts\b/) && !canHaveHosts()) {
  console.log("skipped: tests on two hosts, which this machine does not allow");
}
for (const name of isSaid(/\bmissingServers\b/) ? missingServers() : []) {
  console.log(`skipped: tests on ${name}: npm ci --prefix tests/servers installs it`);
}
for (const name of isSaid(/\bmissingLibraries\b/) ? missingLibraries() : []) {
  console.log(`skipped: tests on ${name}: npm ci --prefix tests/libraries installs it`);
}
console.log(summary(total));
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
