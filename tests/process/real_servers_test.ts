import { test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { missingServers, startServer } from "../support/authorization_server.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("./resolving_program.ts", import.meta.url));
const missing = missingServers();

for (const name of ["better-auth", "workers-oauth-provider"]) {
  test(`${name} registers one client for a run on each runtime`, {
    skip: missing.includes(name),
  }, async () => {
    const home = mkdtempSync(join(tmpdir(), "client-store-real-"));
    const server = await startServer({}, name);
    try {
      const told = new Set();
      for (const runtime of ["deno", "bun", "node"]) {
        const command = [...commandFor(runtime, program), server.issuer];
        const { output } = await run(command, { env: { XDG_CONFIG_HOME: home } });
        told.add(JSON.parse(output.trim().split("\n").at(-1) ?? "").client_id);
      }
      assertEquals(told.size, 1);
      assert(!told.has(undefined));
      assertEquals((await server.count()).registrations, 1);
    } finally {
      await server.close();
      rmSync(home, { recursive: true });
    }
  });
}
