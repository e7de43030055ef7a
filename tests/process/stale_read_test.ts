import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { commandFor, run } from "../support/runtimes.mjs";

const reader = fileURLToPath(new URL("./stale_reader.ts", import.meta.url));

for (const runtime of ["deno", "bun", "node"]) {
  test(`lookup() on ${runtime} is never stale in 20,000 changes of the same size by another process`, async () => {
    const { code, output } = await run([...commandFor(runtime, reader), "20000"]);
    assertEquals(code, 0, output);
    const { changes, lookups, stale } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    assertEquals(stale, 0, output);
    assert(changes >= 20_000 && lookups > 1000, output);
  });
}
