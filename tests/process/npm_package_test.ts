import { after, before, test } from "node:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/authorization_server.mjs";
import { COMMANDS, firstProgram, importsOf, installFromNpm } from "../support/released.mjs";
import { deno, node, run } from "../support/runtimes.mjs";

let project: string;
let installed: Awaited<ReturnType<typeof installFromNpm>>;
before(async () => {
  project = mkdtempSync(join(tmpdir(), "client-store-npm-"));
  installed = await installFromNpm(project);
});
after(() => rmSync(project, { recursive: true }));

/** Runs a command in the project, with a home of its own. */
function runHere(command: string[]) {
  return run(command, { cwd: project, env: { HOME: join(project, "home"), XDG_CONFIG_HOME: "" } });
}

test("the npm package depends on oauth4webapi alone", () => {
  assertEquals(Object.keys(installed.dependencies), ["oauth4webapi"]);
  const packages = readdirSync(join(project, "node_modules")).filter((name) => name[0] !== ".");
  assertEquals(packages.sort(), ["@oauth2", "oauth4webapi"]);
});

test("the npm package holds no test and no TypeScript but declarations", () => {
  const directory = join(project, "node_modules/@oauth2/client-store");
  for (const file of readdirSync(directory, { recursive: true }).map(String)) {
    assert(!/test|\.map$/.test(file) && !/(?<!\.d)\.ts$/.test(file), file);
  }
});

test("the first program registers once on all runtimes from the npm package", async () => {
  const server = await startServer();
  try {
    writeFileSync(join(project, "first.mjs"), firstProgram("process.argv[2]"));
    const printed = new Set<string>();
    for (const command of Object.values<string[]>(COMMANDS)) {
      const { code, output } = await runHere([...command, "first.mjs", server.issuer]);
      assertEquals(code, 0, output);
      printed.add(output);
    }
    assertEquals(printed.size, 1);
    assertEquals((await server.count()).registrations, 1);
  } finally {
    await server.close();
  }
});

test("every entry of the npm package is imported on the runtimes that it is for", async () => {
  for (const [runtime, command] of Object.entries<string[]>(COMMANDS)) {
    const program = importsOf(installed.name, Object.keys(installed.exports), runtime);
    writeFileSync(join(project, "entries.mjs"), program);
    const { code, output } = await runHere([...command, "entries.mjs"]);
    assertEquals([code, output], [0, ""], runtime);
  }
});

test("npm installs the command line as client-store", async () => {
  assertEquals(Object.keys(installed.bin), ["client-store"]);
  const command = process.platform === "win32"
    ? [node, join(project, "node_modules/@oauth2/client-store", installed.bin["client-store"])]
    : [join(project, "node_modules/.bin/client-store")];
  const { code, output } = await runHere([...command, "--version"]);
  assertEquals(code, 0, output);
  assert(output.includes(installed.version), output);
});

test("Deno checks the types of a program against the npm package", async () => {
  writeFileSync(
    join(project, "typed.ts"),
    firstProgram("Deno.args[0]!"),
  );
  const check = [deno, "check", "--no-lock", "--node-modules-dir=manual", "typed.ts"];
  const { code, output } = await runHere(check);
  assertEquals(code, 0, output);
});
