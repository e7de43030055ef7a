// Tries the npm package with tool chains, compilers and versions of runtimes; the last line counts them.
//
//   npm ci --prefix tests/release && node tests/release/run.mjs [--short] [part of a name …]
//
// With --short, one of each kind: what CI runs. Every program looks up and registers at a server on
// loopback that counts the registrations.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../support/authorization_server.mjs";
import { installFromNpm } from "../support/released.mjs";
import { behaviours } from "./behaviours.mjs";
import { browser } from "./browser.mjs";
import { bundlers } from "./bundlers.mjs";
import { commandLine } from "./command_line.mjs";
import { executables } from "./executables.mjs";
import { jsrAdd } from "./jsr_add.mjs";
import { testRunners } from "./test_runners.mjs";
import { types } from "./types.mjs";
import { versions } from "./versions.mjs";

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const isShort = process.argv.includes("--short");
const project = mkdtempSync(join(tmpdir(), "client-store-release-"));
const installed = await installFromNpm(project);
const server = await startServer();

let passed = 0;
let failed = 0;
try {
  const kinds = [
    types,
    versions,
    behaviours,
    jsrAdd,
    bundlers,
    browser,
    executables,
    commandLine,
    testRunners,
  ];
  const trials = kinds
    .flatMap((trialsOf) => trialsOf({ project, installed, issuer: server.issuer }))
    .filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .filter(({ isLong }) => !(isShort && isLong));
  for (const { name, attempt } of trials) {
    const started = Date.now();
    let problem;
    try {
      await attempt();
      passed++;
    } catch (error) {
      problem = error;
      failed++;
    }
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${name}: ${problem ? `failed\n${problem.message}` : "works"} (${seconds} s)`);
  }
} finally {
  await server.close();
  rmSync(project, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
