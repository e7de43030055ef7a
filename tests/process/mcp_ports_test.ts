// oidc-provider compares redirect URIs exactly for an application that does not say that it is native,
// which the 1.x line of the SDK does not.
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { startServer } from "../support/authorization_server.mjs";
import { authorize } from "../support/browser.ts";
import { LINES, Provider } from "../support/mcp_flows.ts";
import { startMcpServer } from "../support/mcp_server.mjs";
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/auth.d.ts"
import * as v1 from "@modelcontextprotocol/sdk/client/auth.js";
import * as v2 from "@modelcontextprotocol/client";

for (const line of LINES) {
  test(`a ${line} client comes in at oidc-provider with any port, and registers once`, async () => {
    const server = await startServer();
    const mcp = await startMcpServer(server.issuer);
    const store = openClientStore({
      runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }),
    });
    try {
      for (const port of [8912, 8913, 8914]) {
        const provider = new Provider(`http://127.0.0.1:${port}/callback`);
        const { authProvider, fetch: fetchFn } = withClientStore(provider, store);
        const auth = async (options: { authorizationCode?: string; iss?: string } = {}) =>
          await (line === "v1" ? v1 : v2).auth(authProvider as never, {
            serverUrl: mcp.url,
            fetchFn,
            ...options,
          });
        assertEquals(await auth(), "REDIRECT");
        const { code, iss } = await authorize(provider.visited.at(-1));
        assertEquals(await auth({ authorizationCode: code, iss }), "AUTHORIZED");
      }
      assertEquals((await server.count()).requests, 1);
    } finally {
      await mcp.close();
      await server.close();
    }
  });
}
