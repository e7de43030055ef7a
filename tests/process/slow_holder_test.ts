import { test } from "node:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { commandFor, run } from "../support/runtimes.mjs";

const writer = fileURLToPath(new URL("./slow_holder.ts", import.meta.url));

/** A fresh config home, with what `registered.json` is to hold. */
function homeWith(clients: { [issuer: string]: unknown }) {
  const home = mkdtempSync(join(tmpdir(), "client-store-slow-"));
  const directory = join(home, "ocamlgpt");
  mkdirSync(directory);
  writeFileSync(join(directory, "registered.json"), JSON.stringify(clients));
  return {
    names: () => readdirSync(directory),
    issuers: () =>
      Object.keys(JSON.parse(readFileSync(join(directory, "registered.json"), "utf8"))),
    end: () => rmSync(home, { recursive: true }),
    /** Runs a process that stores so many clients, each flush taking so many milliseconds. */
    store(
      name: string,
      count: number,
      flush: number,
      signal?: AbortSignal,
    ): Promise<{ code: number | null; output: string }> {
      const command = [...commandFor("node", writer), name, `${count}`, `${flush}`, "120000"];
      return run(command, { env: { XDG_CONFIG_HOME: home }, ...(signal && { signal }) });
    },
  };
}

test("a process whose every flush takes 3 s gets through beside others that go on storing", async () => {
  const home = homeWith({});
  const others = new AbortController();
  const ends = ["a", "b"].map((name) => home.store(name, 1e6, 25, others.signal));
  const whole = Promise.allSettled(ends);
  const { code, output } = await home.store("slow", 1, 3000);
  others.abort();
  await whole;
  assertEquals([code, output], [0, ""]);
  const issuers = home.issuers();
  home.end();
  assert(issuers.includes("https://slow-0.example") && issuers.length > 20, `${issuers.length}`);
});

test("8 processes get through to a file of 50 MB", async () => {
  const padding = "x".repeat(50_000);
  const large = Array.from({ length: 1000 }, (_, n) => `https://large-${n}.example`);
  const home = homeWith(
    Object.fromEntries(large.map((issuer) => [issuer, { client_id: padding }])),
  );
  const names = Array.from({ length: 8 }, (_, n) => `w${n}`);
  const ends = await Promise.all(names.map((name) => home.store(name, 1, 0)));
  const found = [home.issuers().sort(), home.names()];
  home.end();
  assertEquals(ends.map(({ code, output }) => [code, output]), names.map(() => [0, ""]));
  const expected = [...large, ...names.map((name) => `https://${name}-0.example`)].sort();
  assertEquals(found, [expected, ["registered.json"]]);
});
