import { test } from "node:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { examplesIn, importsOf, printsOf } from "../support/examples.ts";
import { commandFor, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = ["mod.ts", ...readdirSync(join(root, "src"), { recursive: true }).map(String)]
  .map((name) => name === "mod.ts" ? name : `src/${name.replaceAll("\\", "/")}`)
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) =>
    examplesIn(readFileSync(join(root, name), "utf8")).map((code) => ({ name, code }))
  );

/** Imports one module after the other, and tells what each has printed. */
const RUNNER = `
import { format } from "node:util";
const runs: { printed: string[]; error?: string }[] = [];
const write = process.stdout.write.bind(process.stdout);
console.log = (...values) => runs.at(-1)?.printed.push(format(...values));
for (const file of process.argv.slice(2)) {
  const run: { printed: string[]; error?: string } = { printed: [] };
  runs.push(run);
  await import(file).catch((error) => run.error = String(error.stack));
}
write(JSON.stringify(runs));
`;

/** What is for one runtime alone is shown in the file of its adapter. */
const isFor = (runtime: string, name: string) =>
  !/^src\/runtime\/(deno|bun|node)\.ts$/.test(name) || name === `src/runtime/${runtime}.ts`;

test("no documented example imports what its reader has not installed", () => {
  assert(examples.length >= 25, `${examples.length} examples`);
  for (const { name, code } of examples) {
    const others = importsOf(code).filter((one) => !/^@oauth2\/client-store(\/|$)/.test(one));
    assertEquals(others, [], name);
  }
});

for (const runtime of ["deno", "bun", "node"]) {
  test(`every documented example prints what it says on ${runtime}`, async () => {
    // The names of the package are known to programs within the project.
    const directory = mkdtempSync(join(root, "tests", "process", ".snippets-"));
    try {
      const here = examples.filter(({ name }) => isFor(runtime, name));
      const files = here.map(({ code }, n) => {
        const file = join(directory, `${n}.ts`);
        writeFileSync(file, code);
        return pathToFileURL(file).href;
      });
      const runner = join(directory, "run.ts");
      writeFileSync(runner, RUNNER);
      const home = join(directory, "home");
      mkdirSync(home);
      const { code: exit, output } = await run([...commandFor(runtime, runner), ...files], {
        cwd: root,
        env: { HOME: home, XDG_CONFIG_HOME: "" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      assertEquals(exit, 0, output);
      const runs: { printed: string[]; error?: string }[] = JSON.parse(output);
      for (const [n, { name, code }] of here.entries()) {
        assertEquals(runs[n]?.error, undefined, `${name}:\n${code}`);
        const said = printsOf(code);
        if (said) assertEquals(runs[n]?.printed, said, `${name}:\n${code}`);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
