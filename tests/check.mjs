// Format, lint, types and documentation, as CI checks them; the last line counts them.
//
//   node tests/check.mjs [--jsr]
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deno, denoResolution, run } from "./support/runtimes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const resolution = denoResolution({ jsr: process.argv.includes("--jsr") });
const { exports } = JSON.parse(readFileSync(path("deno.json"), "utf8"));
const entries = Object.values(exports);

/** Every TypeScript file in these folders. */
function typeScriptIn(...folders) {
  return folders.flatMap((folder) =>
    readdirSync(path(folder), { recursive: true })
      .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
      .map((name) => `${folder}/${name}`)
  );
}

const checks = {
  "format": [deno, "fmt", "--check"],
  "lint": [deno, "lint"],
  "types of the library": [deno, "check", ...resolution, ...entries],
  "types of tests and examples": [
    deno,
    "check",
    ...resolution,
    ...typeScriptIn("tests", "examples"),
  ],
  "documentation of every export": [deno, "doc", "--lint", ...resolution, ...entries],
};

let failed = 0;
for (const [name, command] of Object.entries(checks)) {
  const { code, output } = await run(command, { cwd: root });
  if (code !== 0) {
    failed++;
    console.log(output.replace(/^Warning Failed resolving types.*\n.*\n/gm, "")); // of @types/node
  }
  console.log(`${name}: ${code === 0 ? "clean" : "failed"}`);
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
