import { test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type OddAnswer, registering, withOddServer } from "../support/odd_server.ts";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("./resolving_program.ts", import.meta.url));
const runtimes = ["deno", "bun", "node"];

/** What ten processes that start together are told by a server that answers so, and its requests. */
async function ask(answer: OddAnswer) {
  const home = mkdtempSync(join(tmpdir(), "client-store-refused-"));
  const told: { message: string; status?: number; retryAfter?: number }[] = [];
  let registrations = 0;
  try {
    await withOddServer(registering(answer), async ({ issuer, asked }) => {
      const runs = Array.from({ length: 10 }, async (_, n) => {
        const command = [...commandFor(runtimes[n % 3] ?? "", program), issuer];
        const { output } = await run(command, { env: { XDG_CONFIG_HOME: home } });
        told.push(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
      });
      await Promise.all(runs);
      registrations = asked.filter(({ path }) => path === "/register").length;
    });
  } finally {
    rmSync(home, { recursive: true });
  }
  return { told, registrations };
}

test("ten processes make one request of a server that refuses, and all are told what it said", async () => {
  for (
    const [status, body, what] of [
      [429, { error: "slow_down" }, /slow_down/],
      [403, { error: "access_denied" }, /initialAccessToken/],
      [400, { error: "invalid_redirect_uri" }, /invalid_redirect_uri/],
    ] as const
  ) {
    const { told, registrations } = await ask({ status, body });
    assertEquals(registrations, 1);
    assertEquals(told.length, 10);
    for (const { message } of told) assertMatch(message, what);
    assertEquals([...new Set(told.map(({ status }) => status))], [status]);
    const repeated = told.filter(({ message }) => message.includes("pass retry: true"));
    assertEquals(repeated.length, 9);
    for (const { retryAfter } of repeated) assert((retryAfter ?? 0) > 0);
  }
});
