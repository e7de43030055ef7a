import { test } from "node:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { commandFor, run } from "../support/runtimes.mjs";

const writer = fileURLToPath(new URL("./slow_holder.ts", import.meta.url));

/** Runs processes that store at once, each as many clients; all that they stored must be there. */
async function storeAll(
  writers: readonly { count: number; flush: number; lockTimeout: number }[],
  before: { [issuer: string]: unknown } = {},
) {
  const home = mkdtempSync(join(tmpdir(), "client-store-slow-"));
  const directory = join(home, "ocamlgpt");
  mkdirSync(directory);
  if (Object.keys(before).length > 0) {
    writeFileSync(join(directory, "registered.json"), JSON.stringify(before));
  }
  try {
    const env = { XDG_CONFIG_HOME: home };
    const ends = await Promise.all(writers.map(({ count, flush, lockTimeout }, n) => {
      const args = [`w${n}`, count, flush, lockTimeout].map(String);
      return run([...commandFor("node", writer), ...args], { env });
    }));
    assertEquals(ends.map(({ code, output }) => [code, output]), writers.map(() => [0, ""]));
    const stored = JSON.parse(readFileSync(join(directory, "registered.json"), "utf8"));
    const expected = writers.flatMap(({ count }, n) =>
      Array.from({ length: count }, (_, at) => `https://w${n}-${at}.example`)
    );
    const missing = [...Object.keys(before), ...expected].filter((issuer) => !stored[issuer]);
    assertEquals(missing, []);
    assertEquals(readdirSync(directory), ["registered.json"]);
  } finally {
    rmSync(home, { recursive: true });
  }
}

test("a process whose every flush takes 3 s gets through beside two that are always there", async () => {
  const fast = { count: 200, flush: 25, lockTimeout: 60_000 };
  await storeAll([{ count: 1, flush: 3000, lockTimeout: 60_000 }, fast, fast]);
});

test("8 processes get through to a file of 50 MB", async () => {
  const padding = "x".repeat(50_000);
  const large = Object.fromEntries(
    Array.from({ length: 1000 }, (_, n) => [`https://large-${n}.example`, { client_id: padding }]),
  );
  const writer = { count: 1, flush: 0, lockTimeout: 120_000 };
  await storeAll(Array.from({ length: 8 }, () => writer), large);
});
