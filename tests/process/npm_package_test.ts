import { after, before, test } from "node:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/authorization_server.mjs";
import { installFromNpm } from "../support/released.mjs";
import { bun, deno, node, run } from "../support/runtimes.mjs";

const FIRST_PROGRAM = `
import { openClientStore } from "@oauth2/client-store";
import { resolveClient } from "@oauth2/client-store/registration";

const { client } = await resolveClient(openClientStore(), process.argv[2], {
  clientMetadata: {
    client_name: "my-tool",
    redirect_uris: ["http://127.0.0.1/callback"],
    token_endpoint_auth_method: "none",
  },
});
console.log(client.client_id);
`;
// As a user runs it: no type check, and Deno finds what npm has installed.
const RUNTIMES = {
  node: [node],
  bun: [bun],
  deno: [deno, "run", "-A", "--no-lock", "--node-modules-dir=manual"],
};

let project: string;
let installed: Awaited<ReturnType<typeof installFromNpm>>;
before(async () => {
  project = mkdtempSync(join(tmpdir(), "client-store-npm-"));
  installed = await installFromNpm(project);
});
after(() => rmSync(project, { recursive: true }));

/** Runs a program of the project with a home of its own. */
function runHere(command: string[], home = "home") {
  return run(command, { cwd: project, env: { HOME: join(project, home), XDG_CONFIG_HOME: "" } });
}

test("the npm package depends on oauth4webapi alone", () => {
  assertEquals(Object.keys(installed.packageJson.dependencies), ["oauth4webapi"]);
  const packages = readdirSync(join(project, "node_modules")).filter((name) => name[0] !== ".");
  assertEquals(packages.sort(), ["@oauth2", "oauth4webapi"]);
});

test("the npm package holds no test and no TypeScript but declarations", () => {
  const files = readdirSync(join(project, "node_modules/@oauth2/client-store"), {
    recursive: true,
  });
  for (const file of files.map(String)) {
    assert(!/test|\.map$/.test(file) && !/(?<!\.d)\.ts$/.test(file), file);
  }
});

test("the first program registers once on all runtimes from the npm package", async () => {
  const server = await startServer();
  try {
    writeFileSync(join(project, "first.mjs"), FIRST_PROGRAM);
    const printed = new Set<string>();
    for (const command of Object.values(RUNTIMES)) {
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
  const entries = Object.keys(installed.packageJson.exports).filter((name) =>
    name.slice(-5) !== ".json"
  );
  const own = ["./deno", "./bun", "./node"];
  for (const [runtime, command] of Object.entries(RUNTIMES)) {
    const names = entries
      .filter((entry) => !own.includes(entry) || entry === `./${runtime}`)
      .map((entry) => `@oauth2/client-store${entry.slice(1)}`);
    writeFileSync(
      join(project, "entries.mjs"),
      names.map((name) =>
        `if (Object.keys(await import("${name}")).length === 0) throw new Error("${name}");\n`
      ).join(""),
    );
    const { code, output } = await runHere([...command, "entries.mjs"]);
    assertEquals([code, output], [0, ""], runtime);
  }
});

test("npm installs the command line as client-store", async () => {
  const { version, bin } = installed.packageJson;
  assertEquals(Object.keys(bin), ["client-store"]);
  const command = process.platform === "win32"
    ? [node, join(project, "node_modules/@oauth2/client-store", bin["client-store"])]
    : [join(project, "node_modules/.bin/client-store")];
  const { code, output } = await runHere([...command, "--version"]);
  assertEquals(code, 0, output);
  assert(output.includes(version), output);
});

test("Deno checks the types of a program against the npm package", async () => {
  writeFileSync(
    join(project, "typed.ts"),
    FIRST_PROGRAM.replace("process.argv[2]", `"https://a.example"`),
  );
  const { code, output } = await runHere([
    ...[deno, "check", "--no-lock", "--node-modules-dir=manual", "typed.ts"],
  ]);
  assertEquals(code, 0, output);
});
