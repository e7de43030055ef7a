import { test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { commandFor, run } from "../support/runtimes.mjs";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CHANGES = "2000";

for (const runtime of ["deno", "bun", "node"]) {
  test(`a first lookup() on ${runtime} finds client and metadata of one moment`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "client-store-moment-"));
    try {
      const path = join(directory, "registered.json");
      const writer = [...commandFor("node", file("./moment_writer.ts")), path, CHANGES];
      const reader = [...commandFor(runtime, file("./moment_reader.ts")), path, ...writer];
      const { code, output } = await run(reader);
      assertEquals(code, 0, output);
      const { lookups, mixed, seen } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
      assertEquals(mixed, 0, output);
      assert(lookups > 1000 && seen > 100, output);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
