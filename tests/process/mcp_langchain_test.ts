// LangChain's client drops the `fetch` of withClientStore: `{ issuer }` or a provider that keeps what
// was discovered must do.
import { test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { startServer } from "../support/authorization_server.mjs";
import { missingLibraries } from "../support/libraries.mjs";
import { startMcpServer } from "../support/mcp_server.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("./mcp_langchain_client.ts", import.meta.url));
const runtimes = ["deno", "bun", "node"];
const skip = missingLibraries().includes("LangChain");

interface Trial {
  server: Awaited<ReturnType<typeof startServer>>;
  /** The registry file. */
  path: string;
  /** Runs the client; resolves to the clients that it sent to the browser, and what it was told. */
  use(
    runtime: string,
    way: string,
    port: number,
    ...dead: string[]
  ): Promise<{ clients: string[]; result: string }>;
}

async function withServers(trial: (trial: Trial) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "client-store-langchain-"));
  const server = await startServer();
  const mcp = await startMcpServer(server.issuer);
  const use: Trial["use"] = async (runtime, ...rest) => {
    const [way, port, ...dead] = rest;
    const options = [mcp.url, server.issuer, way, String(port), ...dead];
    const command = [...commandFor(runtime, program), ...options];
    const { code, output } = await run(command, { env: { XDG_CONFIG_HOME: home } });
    assertEquals(code, 0, output);
    return JSON.parse(output.trim().split("\n").at(-1) ?? "");
  };
  try {
    await trial({ server, path: join(home, "ocamlgpt", "registered.json"), use });
  } finally {
    await mcp.close();
    await server.close();
    rmSync(home, { recursive: true });
  }
}

test("LangChain's clients on all runtimes register once, by either way and with any port", {
  skip,
}, async () => {
  await withServers(async ({ server, path, use }) => {
    const clients: string[] = [];
    for (const way of ["issuer", "state"]) {
      for (const runtime of runtimes) {
        const told = await use(runtime, way, 8912 + clients.length);
        assertEquals([told.result, told.clients.length], ["hello", 1]);
        clients.push(...told.clients);
      }
    }
    assertEquals(new Set(clients).size, 1);
    assertEquals((await server.count()).requests, 1);
    assertEquals((await openClientStore({ path }).lookup(server.issuer))?.client_id, clients[0]);
  });
});

for (const way of ["issuer", "state"]) {
  test(`LangChain's client recovers when the server has forgotten it (${way})`, {
    skip,
  }, async () => {
    await withServers(async ({ server, path, use }) => {
      for (const runtime of runtimes) {
        const { clients: [dead, fresh, ...more], result } = await use(runtime, way, 8912, "dead");
        assertEquals([result, more], ["hello", []]);
        assert(fresh !== undefined && fresh !== dead);
        assertEquals((await openClientStore({ path }).lookup(server.issuer))?.client_id, fresh);
      }
    });
  });
}

test("LangChain's client is told what is missing, before it registers", { skip }, async () => {
  await withServers(async ({ server, use }) => {
    const { clients, result } = await use("node", "neither", 8912);
    assert(result.includes("give withClientStore the issuer"), result);
    assertEquals([clients.length, (await server.count()).requests], [0, 0]);
  });
});
