import { after, before, test } from "node:test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { COMMANDS } from "../../src/cli/commands.ts";
import { startServer } from "../support/authorization_server.mjs";
import { registering, withOddServer } from "../support/odd_server.ts";
import { commandFor } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("../../src/cli/mod.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "client-store-commands-"));
let server: Awaited<ReturnType<typeof startServer>>;
before(async () => server = await startServer({}));
after(async () => {
  await server.close();
  rmSync(home, { recursive: true });
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command in pipes, under a home of its own. */
function cliOf(runtime: string) {
  const env = { ...process.env, XDG_CONFIG_HOME: join(home, runtime), NO_COLOR: "1" };
  return (args: string[], input = ""): Promise<Ended> => {
    const [command = "", ...rest] = commandFor(runtime, program);
    const child = spawn(command, [...rest, ...args], { cwd: root, env });
    const ended = { code: null as number | null, stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (data) => ended.stdout += data);
    child.stderr.setEncoding("utf8").on("data", (data) => ended.stderr += data);
    child.stdin.on("error", () => {}); // it may have ended before
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ ...ended, code }));
    });
  };
}

for (const runtime of ["deno", "bun", "node"]) {
  const cli = cliOf(runtime);
  const openStore = () =>
    openClientStore({ path: join(home, runtime, "ocamlgpt", "registered.json") });
  const given = "https://given.example";

  test(`on ${runtime}, register registers once, and verify tells alive from dead`, async () => {
    const { issuer } = server;
    const args = ["register", issuer, "--redirect-uri", "http://127.0.0.1/callback"];
    const first = await cli(args);
    assertEquals([first.code, first.stderr], [0, ""]);
    const id = first.stdout.trim();
    assertEquals((await cli(args)).stdout, first.stdout);
    assertEquals(await cli(["get", issuer]), { code: 0, stdout: `${id}\n`, stderr: "" });
    const alive = await cli(["verify", issuer, "--json"]);
    assertEquals(alive.code, 0, alive.stderr);
    const [told] = JSON.parse(alive.stdout);
    assertEquals([told.issuer, told.client_id, told.verdict], [issuer, id, "alive"]);
    assert(told.how !== "");
    await server.forget();
    const dead = await cli(["verify", issuer]);
    assertEquals([dead.code, dead.stdout.includes("dead")], [4, true], dead.stdout);
    const fixed = await cli(["verify", issuer, "--fix"]);
    assertEquals([fixed.code, fixed.stdout.includes("replaced")], [0, true], fixed.stdout);
    const next = (await cli(["get", issuer])).stdout;
    assert(next !== first.stdout);
    assertEquals((await cli(["verify", issuer])).code, 0);
  });

  test(`on ${runtime}, remove --deregister and prune delete clients at their server`, async () => {
    const { issuer } = server;
    const register = (port: number) =>
      cli(["register", issuer, "--redirect-uri", `https://app.example/${port}`]);
    const store = openStore();
    await register(1);
    const before = await store.lookup(issuer);
    const removed = await cli(["remove", issuer, "--deregister", "--yes"]);
    assertEquals([removed.code, removed.stdout.includes("deleted")], [0, true], removed.stderr);
    assertEquals(
      (await fetch(String(before?.registration_client_uri), {
        headers: { authorization: `Bearer ${before?.registration_access_token}` },
      })).status,
      401,
    );
    const id = (await register(2)).stdout.trim();
    await store.remove(issuer);
    const dry = await cli(["prune", "--dry-run"]);
    assertEquals([dry.code, dry.stdout.includes(id)], [0, true], dry.stderr);
    assert((await store.replaced()).length > 0);
    assertEquals((await cli(["prune"])).code, 2);
    const pruned = await cli(["prune", "--yes"]);
    assertEquals([pruned.code, pruned.stdout.includes("deleted")], [0, true], pruned.stderr);
    // What the server says of one that it has forgotten is no proof that it is gone.
    assert(!(await cli(["prune", "--dry-run"])).stdout.includes(id));
  });

  test(`on ${runtime}, store keeps a given client, and tells no secret unless asked`, async () => {
    const client = { client_id: "abc123", client_secret: "s3cr3t" };
    assertEquals((await cli(["store", given], JSON.stringify(client))).code, 0);
    for (const args of [["list"], ["show", given], ["list", "--json"], ["show", given, "--json"]]) {
      const { code, stdout, stderr } = await cli(args);
      assertEquals(code, 0, stderr);
      assert(stdout.includes("abc123") && !stdout.includes("s3cr3t"), stdout);
      assert(stdout.includes("pre-registered"), stdout);
    }
    const [shown] = JSON.parse((await cli(["show", given, "--json"])).stdout);
    assertEquals(shown.client_secret, "redacted");
    const asked = await cli(["show", given, "--json", "--show-secrets"]);
    assertEquals(JSON.parse(asked.stdout)[0].client_secret, "s3cr3t");
    assertEquals((await cli(["get", given, "--field=client_secret"])).stdout, "s3cr3t\n");
    const rows = (await cli(["list"])).stdout.trimEnd().split("\n").map((row) => row.split("\t"));
    assert(rows.every((row) => row.length === 6) && rows[0]?.[0] !== "issuer");
    const refused = await cli(["store", given], '{"client_id": 5, "client_secret": "s3cr3t');
    assertEquals([refused.code, refused.stderr.includes("s3cr3t")], [2, false], refused.stderr);
    assertEquals((await cli(["remove", given, "--yes"])).code, 0);
  });

  test(`on ${runtime}, exit codes tell usage, missing and expired clients apart`, async () => {
    const none = "https://none.example";
    for (const args of [["get", none], ["show", none], ["verify", none], ["remove", none]]) {
      const { code, stdout, stderr } = await cli(args);
      assertEquals([code, stdout === "" || stdout === "[]\n"], [3, true], stdout);
      assert(stderr.includes(none), stderr);
      assertEquals((await cli([...args, "--quiet"])).stderr, "");
    }
    const usage = await cli(["list", "--jsno"]);
    assertEquals([usage.code, usage.stdout], [2, ""]);
    assert(usage.stderr.includes("--json"), usage.stderr);
    for (
      const args of [
        ["register", "auth.example"],
        ["store", "auth.example"],
        [
          "register",
          "https://u:s3cr3t@auth.example",
        ],
        ["path", "--tenant=a/b"],
        ["register", "https://auth.example/?a=b"],
      ]
    ) {
      const { code, stdout, stderr } = await cli(args, "{}");
      assertEquals([code, stdout, stderr.includes("s3cr3t")], [2, "", false], stderr);
      const isBare = args[1] === "auth.example";
      assertEquals(stderr.includes('did you mean "https://auth.example"?'), isBare, stderr);
    }
    const bare = await cli(["get", "auth.example"]);
    assertEquals([bare.code, bare.stderr.includes('"https://auth.example"')], [3, true]);
    const expired = "https://expired.example";
    await openStore().store(expired, {
      client_id: "old",
      client_secret: "s",
      client_secret_expires_at: 1000,
    });
    for (const command of ["get", "show", "verify"]) {
      assertEquals((await cli([command, expired])).code, 4, command);
    }
    const [listed] = JSON.parse((await cli(["list", "--json"])).stdout)
      .filter(({ issuer }: { issuer: string }) => issuer === expired);
    assertEquals([listed.expired, listed.expires_at], [true, "1970-01-01T00:16:40.000Z"]);
    const unreachable = await cli(["register", "http://127.0.0.1:49151", "--redirect-uri=x:/y"]);
    assertEquals([unreachable.code, unreachable.stdout], [1, ""]);
  });

  test(`on ${runtime}, verify leaves nobody unasked for what is no issuer, or does not answer`, async () => {
    const path = join(home, `${runtime}-odd.json`);
    const odd = "auth.example";
    const silent = "http://127.0.0.1:49151";
    const entries = [odd, silent].map((issuer) => [issuer, { client_id: "a" }]);
    writeFileSync(path, JSON.stringify(Object.fromEntries(entries)));
    const { code, stdout } = await cli(["verify", "--json", `--path=${path}`]);
    assertEquals(code, 0, stdout);
    const told: { issuer: string; verdict: string; how: string }[] = JSON.parse(stdout);
    assertEquals(told.map(({ issuer, verdict }) => [issuer, verdict]), [
      [odd, "unknown"],
      [silent, "unknown"],
    ]);
    assert(told[0]?.how.includes("https URL"), stdout);
    assertEquals(told[1]?.how, "the server cannot be reached");
  });

  test(`on ${runtime}, verify --fix asks for what was asked for, and goes on after a refusal`, async () => {
    let clients = 0;
    let isRefusing = false;
    const answer = registering(({ path }) => {
      if (path === "/token") return { status: 401, body: { error: "invalid_client" } };
      if (isRefusing) return { status: 400, body: { error: "invalid_redirect_uri" } };
      return { status: 201, body: { client_id: `c${++clients}` } };
    });
    await withOddServer(answer, async ({ issuer, asked }) => {
      const path = join(home, `${runtime}-silent.json`);
      const uri = "https://app.example/callback";
      const args = ["--redirect-uri", uri, "--scope", "a", `--path=${path}`];
      assertEquals((await cli(["register", issuer, ...args])).stdout, "c1\n");
      const fixed = await cli(["verify", "--fix", `--path=${path}`]);
      assertEquals([fixed.code, fixed.stdout.includes("by c2")], [0, true], fixed.stdout);
      const { redirect_uris, scope } = JSON.parse(asked.at(-1)?.body ?? "");
      assertEquals([redirect_uris, scope], [[uri], "a"]);
      isRefusing = true;
      await openClientStore({ path }).store("https://silent.invalid", { client_id: "other" });
      for (let n = 0; n < 2; n++) {
        const { code, stdout, stderr } = await cli(["verify", "--fix", `--path=${path}`]);
        assertEquals([code, stdout.split("\n").length], [4, 3], stdout);
        assert(/\tc2\tdead\t.*could not be replaced/.test(stdout), stdout);
        assert(/invalid_redirect_uri/.test(stderr) && !/--retry/.test(stderr), stderr);
      }
    });
  });

  test(`on ${runtime}, what nobody knows the purpose of is not replaced by --fix`, async () => {
    const answer = registering(({ path }) =>
      path === "/token"
        ? { status: 401, body: { error: "invalid_client" } }
        : { status: 201, body: { client_id: "good for nothing" } }
    );
    await withOddServer(answer, async ({ issuer }) => {
      const path = join(home, `${runtime}-unknown.json`);
      writeFileSync(path, JSON.stringify({ [issuer]: { client_id: "of-another-program" } }));
      const fixed = await cli(["verify", "--fix", `--path=${path}`]);
      assertEquals(fixed.code, 4, fixed.stderr);
      assert(/not known/.test(fixed.stdout), fixed.stdout);
      assertEquals((await cli(["get", issuer, `--path=${path}`])).stdout, "of-another-program\n");
    });
  });

  test(`on ${runtime}, remove names what it removes, and what stays at the server`, async () => {
    const path = join(home, `${runtime}-spellings.json`);
    const two = {
      "https://b.example": { client_id: "b1" },
      "https://b.example/": { client_id: "b2" },
    };
    writeFileSync(path, JSON.stringify(two));
    const one = await cli(["remove", "https://b.example", "--yes", `--path=${path}`]);
    assertEquals([one.code, one.stderr], [0, "Removed b1\n"]);
    assertEquals((await cli(["get", "https://b.example/", `--path=${path}`])).stdout, "b2\n");
    const left = await cli([
      "remove",
      "https://b.example/",
      "--deregister",
      "--yes",
      `--path=${path}`,
    ]);
    assertEquals(left.code, 1, left.stderr);
    assert(/Not deleted at the server.*b2/.test(left.stderr), left.stderr);
  });

  test(`on ${runtime}, an expired client is told as such under both spellings, and by prune`, async () => {
    const path = join(home, `${runtime}-expired.json`);
    const client = { client_id: "e1", client_secret: "s", client_secret_expires_at: 1000 };
    await openClientStore({ path }).store("https://c.example", client);
    for (const spelling of ["https://c.example", "https://c.example/"]) {
      assertEquals((await cli(["get", spelling, `--path=${path}`])).code, 4);
    }
    const pruned = await cli(["prune", "--yes", `--path=${path}`]);
    assertEquals(pruned.code, 0, pruned.stderr);
    assert(/Forgot "e1".*no way to delete it/.test(pruned.stderr), pruned.stderr);
    assertEquals((await cli(["verify", "", `--path=${path}`])).code, 3);
  });

  test(`on ${runtime}, a wrong initial access token is told from a missing one`, async () => {
    const closed = await startServer({ INITIAL_ACCESS_TOKEN: "in1tial" });
    try {
      const args = ["register", closed.issuer, "--redirect-uri=http://127.0.0.1/callback"];
      const withToken = [...args, "--initial-access-token-stdin"];
      const missing = await cli(args);
      assertEquals(missing.code, 1, missing.stderr);
      assert(/wants an .*\(--initial-access-token-stdin\)/.test(missing.stderr), missing.stderr);
      const again = await cli(args);
      assert(/nothing is sent before .*: --retry asks all the same/.test(again.stderr));
      const wrong = await cli(withToken, "wr0ng\n");
      assertEquals(wrong.code, 1, wrong.stderr);
      assert(/is not accepted/.test(wrong.stderr) && !wrong.stderr.includes("wr0ng"), wrong.stderr);
      for (const input of ["", "two words"]) {
        assertEquals((await cli(withToken, input)).code, 2, input);
      }
      assertEquals((await cli(withToken, "in1tial\n")).code, 0);
      assert(!/initialAccess|retry: true/.test(missing.stderr + again.stderr + wrong.stderr));
    } finally {
      await closed.close();
    }
  });

  test(`on ${runtime}, each command has a help with an example, and the path is told`, async () => {
    const names = runtime === "bun" ? Object.keys(COMMANDS) : ["register"]; // the others are slow
    for (const name of names) {
      const { code, stdout } = await cli([name, "--help"]);
      assertEquals(code, 0);
      assert(stdout.includes(COMMANDS[name]?.example ?? "?"), stdout);
    }
    const path = join(home, runtime, "ocamlgpt", "registered.json");
    assertEquals((await cli(["path"])).stdout, `${path}\n`);
    assertEquals(JSON.parse((await cli(["path", "--json"])).stdout), { path });
    const tenant = join(home, runtime, "other", "tenants", "t", "registered.json");
    assertEquals((await cli(["path", "--app-name=other", "--tenant=t"])).stdout, `${tenant}\n`);
  });
}
