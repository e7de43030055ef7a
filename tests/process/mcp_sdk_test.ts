import { test } from "node:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { startServer } from "../support/authorization_server.mjs";
import { startMcpServer } from "../support/mcp_server.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("./mcp_client.ts", import.meta.url));
const runtimes = ["deno", "bun", "node"];
const other = { v1: "v2", v2: "v1" } as const;

interface Trial {
  server: Awaited<ReturnType<typeof startServer>>;
  /** The registry file. */
  path: string;
  /** Runs the client; resolves to the client identifiers that it sent to the browser. */
  connect(
    runtime: string,
    line: string,
    action?: string,
  ): Promise<{ clients: string[]; result: unknown }>;
}

async function withServers(trial: (trial: Trial) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "client-store-mcp-"));
  const server = await startServer();
  const mcp = await startMcpServer(server.issuer);
  const connect: Trial["connect"] = async (runtime, line, action = "use") => {
    const command = [...commandFor(runtime, program), line, mcp.url, server.issuer, action];
    const { code, output } = await run(command, { env: { XDG_CONFIG_HOME: home } });
    assertEquals(code, 0, output);
    return JSON.parse(output.trim().split("\n").at(-1) ?? "");
  };
  try {
    await trial({ server, path: join(home, "ocamlgpt", "registered.json"), connect });
  } finally {
    await mcp.close();
    await server.close();
    rmSync(home, { recursive: true });
  }
}

for (const line of ["v1", "v2"] as const) {
  for (const runtime of runtimes) {
    test(`a ${line} client on ${runtime} registers, and later ones of both lines re-use that`, async () => {
      await withServers(async ({ server, connect, path }) => {
        const first = await connect(runtime, line);
        assertEquals(first.result, [{ type: "text", text: "hello" }]);
        const again = await connect(runtime, line);
        const shared = await connect(runtime, other[line]);
        assertEquals(again, first);
        assertEquals(shared, first);
        assertEquals((await server.count()).requests, 1);
        const [client] = (await openClientStore({ path }).list()).values();
        assertEquals(client?.client_id, first.clients[0]);
        assertEquals(typeof client?.registration_access_token, "string");
        assertEquals(typeof client?.registration_client_uri, "string");
      });
    });
  }

  test(`three parallel auth() calls of each of three ${line} clients register once`, async () => {
    await withServers(async ({ server, connect }) => {
      const runs = runtimes.map((runtime) => connect(runtime, line, "parallel"));
      const clients = (await Promise.all(runs)).flatMap(({ clients }) => clients);
      assertEquals(clients.length, 9);
      assertEquals(new Set(clients).size, 1);
      assertEquals((await server.count()).requests, 1);
    });
  });

  test(`a server that forgot the client makes ${line} flows register once more, and no other issuer suffers`, async () => {
    await withServers(async ({ server, connect, path }) => {
      await openClientStore({ path }).store("https://other.example", { client_id: "other" });
      const { clients, result } = await connect("node", line, "forget");
      assertEquals(result, ["REDIRECT", "REDIRECT", "REDIRECT"]);
      assertEquals((await server.count()).requests, 2);
      const [dead, ...fresh] = clients;
      assertEquals(new Set(fresh).size, 1);
      assert(!fresh.includes(dead ?? ""));
      assertEquals(JSON.parse(readFileSync(path, "utf8")), {
        "https://other.example": { client_id: "other" },
        [server.issuer]: { client_id: fresh[0] },
      });
    });
  });
}

test("a 2.x client that asks for more than the 1.x client registered for registers once for both", async () => {
  await withServers(async ({ server, connect }) => {
    // With a refresh token in view, the 2.x line asks for offline_access, too.
    const narrow = await connect("node", "v1", "use");
    const wide = await connect("deno", "v2", "refresh");
    assertEquals(wide.result, narrow.result);
    assert(wide.clients[0] !== narrow.clients[0]);
    assertEquals(await connect("bun", "v1", "use"), wide);
    assertEquals(await connect("node", "v2", "refresh"), wide);
    assertEquals((await server.count()).requests, 2);
  });
});
