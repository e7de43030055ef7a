import { after, before, test } from "node:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/authorization_server.mjs";
import { jsrNpmPackage } from "../support/jsr_npm_package.mjs";
import { jsrPackage } from "../support/published.mjs";
import { startRegistry } from "../support/registry.mjs";
import {
  COMMANDS,
  firstProgram,
  importsOf,
  npmInstall,
  oauth4webapi,
} from "../support/released.mjs";
import { deno, run } from "../support/runtimes.mjs";
import { stdNpmPackages, stdPackages } from "../support/std_packages.mjs";

const NAME = "@oauth2/client-store";
const NPM_NAME = "@jsr/oauth2__client-store";

let directory: string;
let registry: Awaited<ReturnType<typeof startRegistry>>;
let published: Awaited<ReturnType<typeof jsrPackage>>;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "client-store-jsr-"));
  published = await jsrPackage();
  registry = await startRegistry({
    jsr: [published, ...stdPackages()],
    npm: [await jsrNpmPackage(), oauth4webapi(), ...stdNpmPackages()],
  });
});
after(async () => {
  await registry.close();
  rmSync(directory, { recursive: true });
});

/** A project of its own, in which commands are run with this registry alone. */
function createProject() {
  const project = mkdtempSync(join(directory, "project-"));
  const home = { HOME: join(project, "home"), XDG_CONFIG_HOME: "" };
  const env = { ...registry.env, ...home, DENO_DIR: join(directory, "deno") };
  return {
    project,
    write: (file: string, text: string) => writeFileSync(join(project, file), text),
    async runHere(command: string[]) {
      const { code, output } = await run(command, { cwd: project, env });
      assertEquals(code, 0, output);
      return output;
    },
  };
}

test("deno add finds the package, and the first program registers once", async () => {
  const { project, write, runHere } = createProject();
  write("deno.json", "{}");
  await runHere([deno, "add", `jsr:${NAME}`]);
  const { imports } = JSON.parse(readFileSync(join(project, "deno.json"), "utf8"));
  assertEquals(imports, { [NAME]: `jsr:${NAME}@^${published.version}` });
  write("first.ts", firstProgram("Deno.args[0]!"));
  await runHere([deno, "check", "-q", "first.ts"]);
  const server = await startServer();
  try {
    const program = [deno, "run", "-q", "-A", "first.ts", server.issuer];
    assertEquals(await runHere(program), await runHere(program));
    assertEquals((await server.count()).registrations, 1);
  } finally {
    await server.close();
  }
});

test("Deno imports every entry of the package by its jsr: specifier", async () => {
  const { write, runHere } = createProject();
  write("entries.ts", importsOf(`jsr:${NAME}`, Object.keys(published.exports), "deno"));
  await runHere([deno, "run", "-q", "-A", "entries.ts"]);
});

test("Deno runs the command line by its jsr: specifier, with the permissions of its page", async () => {
  const { project, runHere } = createProject();
  const page = readFileSync(new URL("../../docs/command-line.md", import.meta.url), "utf8");
  const [, line = ""] = /^(deno run .*) list$/m.exec(page) ?? [];
  assert(line.includes(`jsr:${NAME}/cli`), line);
  const config = join(project, "home", ".config");
  mkdirSync(config, { recursive: true });
  const command = line.replaceAll('"$HOME/.config"', config).split(" ").slice(1);
  const server = await startServer();
  const cli = (...args: string[]) =>
    runHere([deno, ...command.slice(0, 1), "-q", "--no-prompt", ...command.slice(1), ...args]);
  try {
    assertEquals(await cli("--version"), `${published.version}\n`);
    const id = await cli("register", server.issuer, "--redirect-uri=http://127.0.0.1/callback");
    assertEquals(await cli("get", server.issuer), id);
    for (const name of ["list", "verify", "doctor"]) {
      const output = await cli(name);
      assert(name === "doctor" || output.includes(id.trim()), output);
    }
    const removed = await cli("remove", server.issuer, "--deregister", "--yes");
    assert(removed.includes("deleted"), removed);
    assertEquals(await cli("prune", "--yes"), "There is nothing to delete\n");
  } finally {
    await server.close();
  }
});

test("npm install of the name in JSR's npm layer runs on all runtimes", async () => {
  const { project, write, runHere } = createProject();
  // What `npx jsr add` and `bunx jsr add` come down to.
  await npmInstall(project, registry, `${NAME}@npm:${NPM_NAME}`);
  write("first.mjs", firstProgram("process.argv[2]"));
  const server = await startServer();
  try {
    const printed = new Set<string>();
    for (const [runtime, command] of Object.entries<string[]>(COMMANDS)) {
      write("entries.mjs", importsOf(NAME, Object.keys(published.exports), runtime));
      assertEquals(await runHere([...command, "entries.mjs"]), "");
      printed.add(await runHere([...command, "first.mjs", server.issuer]));
    }
    assertEquals(printed.size, 1);
    assertEquals((await server.count()).registrations, 1);
  } finally {
    await server.close();
  }
});
