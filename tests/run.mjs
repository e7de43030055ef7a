// Runs every test on Deno, Bun and Node, and every documented example; the last line counts them.
//
//   node tests/run.mjs [--jsr] [--on=node,deno,bun] [part of a file name …]
//
// With --jsr, Deno resolves @std/* from JSR instead of the npm redistribution. Tests in
// tests/process start processes of all three runtimes themselves, so they run once, under Node.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bun, deno, denoResolution, node, nodeLoader, run } from "./support/runtimes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const runtimes = flags.find((flag) => flag.startsWith("--on="))?.slice(5).split(",") ??
  ["deno", "bun", "node"];

const files = readdirSync(new URL(".", import.meta.url), { recursive: true })
  .map((name) => `tests/${name.replaceAll("\\", "/")}`)
  .filter((name) => name.endsWith("_test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
const everywhere = files.filter((name) => !name.startsWith("tests/process/"));

const resolution = denoResolution({ jsr: flags.includes("--jsr") });
const denoTest = ["test", "-A", "--no-check", ...resolution];
const suites = [
  {
    on: "deno",
    command: [deno, ...denoTest, ...everywhere],
    files: everywhere,
    counts: /(\d+) passed.*?\| (\d+) failed/,
  },
  {
    on: "deno",
    name: "deno, documented examples",
    command: [deno, ...denoTest, "--doc", "mod.ts", "src/"],
    files: wanted.length === 0 ? ["mod.ts"] : [],
    counts: /(\d+) passed.*?\| (\d+) failed/,
  },
  {
    on: "bun",
    command: [bun, "test", "--timeout", "60000", ...everywhere.map((name) => `./${name}`)],
    files: everywhere,
    counts: /(\d+) pass\n\s*(\d+) fail/,
  },
  {
    on: "node",
    command: [node, ...nodeLoader, "--test", "--test-reporter=spec", ...files],
    files,
    counts: /pass (\d+)\n[^\n]*fail (\d+)/,
  },
].filter(({ on, files }) => runtimes.includes(on) && files.length > 0);

let passed = 0;
let failed = 0;
for (const { on, name = on, command, counts } of suites) {
  const started = Date.now();
  const { code, output } = await run(command, { cwd: root });
  const found = counts.exec(output);
  const [suitePassed, suiteFailed] = found ? [Number(found[1]), Number(found[2])] : [0, 1];
  const isGood = code === 0 && suiteFailed === 0 && suitePassed > 0;
  passed += suitePassed;
  failed += isGood ? 0 : Math.max(suiteFailed, 1);
  if (!isGood) console.log(output);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${name}: ${suitePassed} passed, ${
      isGood ? 0 : Math.max(suiteFailed, 1)
    } failed (${seconds} s)`,
  );
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
