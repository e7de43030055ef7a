import { after, test } from "node:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { startServer } from "../support/authorization_server.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("../../src/cli/mod.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "client-store-permissions-"));
const path = join(home, "ocamlgpt", "registered.json");
after(() => rmSync(home, { recursive: true }));
const issuer = "https://auth.example";
await openClientStore({ path }).store(issuer, { client_id: "abc123" });

async function cli(permissions: string[], ...args: string[]) {
  // Nobody is there to grant what is asked for.
  const command = [...commandFor("deno", program, [...permissions, "--no-prompt"]), ...args];
  return await run(command, { cwd: root, env: { XDG_CONFIG_HOME: home } });
}

const ENV = "--allow-env";
const READ = `--allow-read=${join(home, "ocamlgpt")}`;

for (
  const args of [["list"], ["show", issuer], ["get", issuer], ["verify"], ["doctor"]]
) {
  test(`on Deno without permissions, "${args[0]}" names --allow-env, then --allow-read`, async () => {
    const none = await cli([], ...args);
    assertEquals(none.code, 1, none.output);
    assert(none.output.includes("--allow-env"), none.output);
    const withEnv = await cli([ENV], ...args);
    assertEquals(withEnv.code, 1, withEnv.output);
    assert(withEnv.output.includes("--allow-read"), withEnv.output);
  });
}

test("on Deno without permissions, what needs none works", async () => {
  for (const args of [["--help"], ["--version"], ["get", "--help"], ["completion", "bash"]]) {
    const { code, output } = await cli([], ...args);
    assertEquals(code, 0, output);
  }
  assertEquals((await cli([], "gte")).code, 2);
});

test("on Deno, reading needs no more than --allow-env and --allow-read of one directory", async () => {
  assertEquals((await cli([ENV, READ], "get", issuer)).output, "abc123\n");
  assert((await cli([ENV, READ], "list")).output.includes("abc123"));
  assertEquals((await cli([READ], "get", issuer, `--path=${path}`)).output, "abc123\n");
});

test("on Deno, the path takes no more than --allow-env", async () => {
  assertEquals((await cli([ENV], "path")).output, `${path}\n`);
});

test("on Deno, writing and asking servers name --allow-write and --allow-net", async () => {
  const removed = await cli([ENV, READ], "remove", issuer, "--yes");
  assertEquals(removed.code, 1, removed.output);
  assert(removed.output.includes("--allow-write"), removed.output);
  const WRITE = READ.replace("read", "write");
  const other = "http://127.0.0.1:49151";
  const registered = await cli(
    [ENV, READ, WRITE],
    "register",
    other,
    "--redirect-uri=http://127.0.0.1/cb",
  );
  assertEquals(registered.code, 1, registered.output);
  assert(registered.output.includes("--allow-net"), registered.output);
});

test("on Deno, the flags that are named one after the other are all that it takes", async () => {
  const server = await startServer({});
  const config = join(home, "fresh");
  const env = { XDG_CONFIG_HOME: config };
  mkdirSync(join(config, "ocamlgpt"), { recursive: true, mode: 0o700 });
  const flags: string[] = [];
  const args = ["register", server.issuer, "--redirect-uri=http://127.0.0.1/callback"];
  try {
    for (let code: number | null = null; code !== 0;) {
      const command = commandFor("deno", program, [...flags, "--no-prompt"]);
      const ended = await run([...command, ...args], { cwd: root, env });
      code = ended.code;
      if (code === 0) break;
      const [flag = ""] = /--allow-[a-z]+(=[^\s)]+)?/.exec(ended.output) ?? [];
      assert(flag !== "" && !flags.includes(flag), ended.output);
      flags.push(flag);
    }
  } finally {
    await server.close();
  }
  assertEquals(flags, [
    "--allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE",
    `--allow-read=${join(config, "ocamlgpt")}`,
    `--allow-write=${join(config, "ocamlgpt")}`,
    `--allow-net=${new URL(server.issuer).host}`,
  ]);
});
