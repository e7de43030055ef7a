// Format, lint, types and documentation, as CI checks them; the last line counts them.
//
//   node tests/check.mjs [--jsr]
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rehearsePublication } from "./support/published.mjs";
import { buildReference, readComments } from "./support/reference.mjs";
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

/** Whether JSR takes the package, without slow types, and gets what it is to get. */
async function publication() {
  const { code, output, files } = await rehearsePublication();
  const stray = files.filter((file) => !PUBLISHED.test(file) || /test/.test(file));
  const isGood = code === 0 && stray.length === 0 && files.length > 0;
  console.log(`${files.length} files would be published`);
  return { code: isGood ? 0 : 1, output: `${output}\n${stray.join("\n")}` };
}

const PUBLISHED = /^(src\/\w+\/\w+\.ts|mod\.ts|deno\.json|(README|CHANGELOG)\.md|LICENSE)$/;

const checks = {
  "format": [deno, "fmt", "--check"],
  "lint": [deno, "lint"],
  "types of the library": [deno, "check", ...resolution, ...entries],
  "types of documented examples": [
    ...[deno, "check", "--doc", ...resolution, "mod.ts"],
    ...typeScriptIn("src"),
  ],
  "types of tests and examples": [
    deno,
    "check",
    ...resolution,
    ...typeScriptIn("tests", "examples"),
  ],
  "documentation of every export": [deno, "doc", "--lint", ...resolution, ...entries],
  "links of the reference": () => buildReference(entries, { cwd: root, resolution }),
  "comment of every entry": () => readComments(entries, { cwd: root, resolution }),
  "publication": publication,
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const { code, output } = typeof check === "function"
    ? await check()
    : await run(check, { cwd: root });
  if (code !== 0) {
    failed++;
    console.log(output.replace(/^Warning Failed resolving types.*\n.*\n/gm, "")); // of @types/node
  }
  console.log(`${name}: ${code === 0 ? "clean" : "failed"}`);
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
