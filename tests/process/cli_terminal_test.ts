import { after, test } from "node:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { startServer } from "../support/authorization_server.mjs";
import { noTerminal, runOnTerminal } from "../support/pseudo_terminal.mjs";
import { commandFor } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("../../src/cli/mod.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "client-store-terminal-"));
after(() => rmSync(directory, { recursive: true }));
const skip = noTerminal;
const WIDE = "https://auth.example/テナント/日本語";
const LONG = `https://auth.example/${"long/".repeat(30)}end`;
/** No colors are wanted or forbidden. */
const PLAIN = { NO_COLOR: undefined, FORCE_COLOR: undefined };

/** Runs the command on a terminal, with a store of its own. */
async function cli(
  runtime: string,
  args: string[],
  { path = join(directory, "registered.json"), ...options }:
    & { path?: string }
    & Parameters<typeof runOnTerminal>[1] = {},
): Promise<{ code: number | null; output: string }> {
  // Deno itself draws on the terminal while it loads modules.
  const command = [...commandFor(runtime, program, ["-A", "--quiet"]), ...args, `--path=${path}`];
  return await runOnTerminal(command, { cwd: root, ...options });
}

/** How many columns of a terminal a line takes, for the letters that these tests use. */
const widthOf = (line: string) =>
  // deno-lint-ignore no-control-regex
  [...line.replace(/\x1b\[[0-9;]*m/g, "")].reduce((n, one) => n + (one >= "\u3040" ? 2 : 1), 0);

const sleep = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
const isLockOf = (name: string, path: string) =>
  name.startsWith(`${basename(path)}.`) && /\.[0-9a-f]{16}\.lock$/.test(name);
/** What is printed, whatever was shown and erased before. */
const lastLineOf = (output: string) =>
  output.trimEnd().split(/[\r\n]/).at(-1)?.replace("\x1b[K", "");

async function storeOf(...issuers: string[]): Promise<string> {
  const path = join(directory, `${crypto.randomUUID()}.json`);
  const store = openClientStore({ path });
  for (const issuer of issuers) await store.store(issuer, { client_id: `id-${issuer.length}` });
  return path;
}

for (const runtime of ["deno", "bun", "node"]) {
  test(`on ${runtime}, a table fits the terminal, wide characters in line`, { skip }, async () => {
    const path = await storeOf("https://a.example", WIDE, LONG);
    for (const columns of [60, 100, 400]) {
      const { code, output } = await cli(runtime, ["list"], { columns, path });
      assertEquals(code, 0, output);
      const lines = output.trimEnd().split("\n");
      assertEquals(lines.length, 4, output);
      for (const line of lines) assert(widthOf(line) <= columns, `${columns}: ${line}`);
      const [header = "", ...rows] = lines;
      const second = widthOf(header.slice(0, header.indexOf("client_id")));
      for (const row of rows) {
        const at = row.search(/id-\d|id…/);
        assertEquals(widthOf(row.slice(0, at)), second, output);
      }
      assertEquals(output.includes(LONG), columns === 400);
      assertEquals(output.includes("…"), columns < 400);
    }
  });

  test(
    `on ${runtime}, a terminal that does not know its width has that of COLUMNS, else 80`,
    { skip },
    async () => {
      const path = await storeOf(LONG);
      const widthIn = async (env: Record<string, string | undefined>) => {
        const { code, output } = await cli(runtime, ["list"], { columns: 0, path, env });
        assertEquals(code, 0, output);
        return Math.max(...output.split("\n").map(widthOf));
      };
      assertEquals(await widthIn({ COLUMNS: undefined }), 80);
      assertEquals(await widthIn({ COLUMNS: "100" }), 100);
      for (const COLUMNS of ["0", "-5", "wide", "1e999"]) {
        assertEquals(await widthIn({ COLUMNS }), 80, COLUMNS);
      }
    },
  );

  test(`on ${runtime}, a terminal too narrow for a table shows all, a line each`, {
    skip,
  }, async () => {
    const path = await storeOf("https://a.example", WIDE);
    const { code, output } = await cli(runtime, ["list"], { columns: 10, path });
    assertEquals(code, 0, output);
    assert(output.includes(`issuer: ${WIDE}\n`) && output.includes("expiry: never\n"), output);
  });

  test(`on ${runtime}, Ctrl-C and Ctrl-D at a question end it, and change nothing`, {
    skip,
  }, async () => {
    const path = await storeOf("https://a.example");
    const remove = ["remove", "https://a.example"];
    const store = ["store", "https://b.example"];
    for (
      const [args, question, key, expected] of [
        [remove, "[y/N]", "\x03", 130],
        [remove, "[y/N]", "\x04", 1],
        [store, "Type the client", "\x03", 130],
        [store, "Type the client", "\x04", 2],
      ] as const
    ) {
      const { code, output } = await cli(runtime, [...args], { path, reply: [question, key] });
      assertEquals(code, expected, output);
    }
    assertEquals([...(await openClientStore({ path }).list()).keys()], ["https://a.example"]);
  });

  test(
    `on ${runtime}, colors come on a terminal, as far as they are wanted`,
    { skip },
    async () => {
      const path = await storeOf("https://a.example");
      const isColored = async (env: Record<string, string | undefined>, args: string[] = []) =>
        (await cli(runtime, ["list", ...args], { path, env: { ...PLAIN, ...env } })).output
          .includes("\x1b[");
      assertEquals(await isColored({}), true);
      assertEquals(await isColored({ NO_COLOR: "1" }), false);
      assertEquals(await isColored({ TERM: "dumb" }), false);
      assertEquals(await isColored({ TERM: "dumb", FORCE_COLOR: "1" }), true);
      assertEquals(await isColored({}, ["--no-color"]), false);
    },
  );

  test(`on ${runtime}, nothing in a file commands the terminal`, { skip }, async () => {
    const path = await storeOf();
    const hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e";
    const issuer = `https://a.example/${hostile}`;
    writeFileSync(path, JSON.stringify({ [issuer]: { client_id: hostile, client_secret: "s" } }));
    const commands = [
      ["list"],
      ["list", "--json"],
      ["show", issuer],
      ["show", issuer, "--json"],
      ["get", issuer],
      ["get", issuer, "--json"],
      ["get", `${issuer}x`],
      ["verify", issuer],
      ["doctor"],
    ];
    for (const args of commands) {
      const { output } = await cli(runtime, args, { path, env: { NO_COLOR: "1" } });
      // deno-lint-ignore no-control-regex
      assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(output), JSON.stringify(output));
      assert(/\\u\{?0*1b/i.test(output), output);
    }
  });

  test(
    `on ${runtime}, what destroys asks first, and takes only yes for yes`,
    { skip },
    async () => {
      const path = await storeOf("https://a.example");
      const remove = (input: string, ...more: string[]) =>
        cli(runtime, ["remove", "https://a.example", ...more], { path, input });
      const isThere = async () =>
        await openClientStore({ path }).lookup("https://a.example") !== undefined;
      const asked = await remove("n\n");
      assert(asked.output.includes("[y/N]"), asked.output);
      assertEquals([asked.code, await isThere()], [1, true]);
      assertEquals([(await remove("\n")).code, await isThere()], [1, true]);
      const unasked = await remove("y\n", "--no-input");
      assert(unasked.output.includes("--yes"), unasked.output);
      assertEquals([unasked.code, await isThere()], [2, true]);
      const { code, output } = await remove("y\n");
      assertEquals([code, await isThere()], [0, false], output);
    },
  );

  test(
    `on ${runtime}, who is waited for is told apart from who registers`,
    { skip },
    async () => {
      const server = await startServer({ DELAY: "4500" });
      try {
        const path = await storeOf();
        const uri = "--redirect-uri=http://127.0.0.1/callback";
        const register = () =>
          cli(runtime, ["register", server.issuer, uri], { path, columns: 200 });
        const first = register();
        while (!readdirSync(directory).some((name) => isLockOf(name, path))) await sleep(20);
        const second = register();
        const [{ code, output }, waiting] = await Promise.all([first, second]);
        assertEquals([code, waiting.code], [0, 0], output + waiting.output);
        assert(output.includes(`\rRegistering at ${server.issuer} (`), output);
        assert(!output.includes("Waiting"), output);
        const told = waiting.output.split("\r").find((line) => line.startsWith("Waiting")) ?? "";
        const [, pid, since = "", issuer] =
          /^Waiting for another process \(pid (\d+), since ([^)]+)\) that registers at (\S+) \(\d s\)/
            .exec(told) ?? [];
        assertEquals(issuer, server.issuer, waiting.output);
        assert(Number(pid) > 1 && !Number.isNaN(Date.parse(since)), told);
        assertEquals(lastLineOf(output), lastLineOf(waiting.output));
        assertEquals((await server.count()).registrations, 1);
      } finally {
        await server.close();
      }
    },
  );

  test(`on ${runtime}, a slow server is told of, and for how long`, { skip }, async () => {
    const server = await startServer({ DELAY: "2200" });
    try {
      const args = ["register", server.issuer, "--redirect-uri=http://127.0.0.1/callback"];
      const [wide, narrow] = await Promise.all(
        [80, 24].map(async (columns) =>
          await cli(runtime, args, { path: await storeOf(), columns })
        ),
      );
      assert(wide && narrow);
      assertEquals([wide.code, narrow.code], [0, 0], wide.output + narrow.output);
      for (const { output } of [wide, narrow]) {
        assert(/\(\d+ s\)/.test(output) && output.includes("\r\x1b[K"), JSON.stringify(output));
      }
      assert(wide.output.includes(server.issuer), wide.output);
      // What wraps cannot be written over.
      const told = narrow.output.split("\r").filter((line) => line.startsWith("Registering"));
      assert(told.length > 0, narrow.output);
      for (const line of told) assert(line.replace("\x1b[K", "").length < 24, line);
    } finally {
      await server.close();
    }
  });
}
