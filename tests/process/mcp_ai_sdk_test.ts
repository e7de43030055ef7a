// The client of the AI SDK has an `auth` of its own: it pins the server in the client that it saves,
// asks for the client before it discovers the server, and recovers only from the death of a client
// that it is told was registered dynamically.
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { auth } from "@ai-sdk/mcp";
import { type ClientStore, openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { startServer } from "../support/authorization_server.mjs";
import { authorize } from "../support/browser.ts";
import { startMcpServer } from "../support/mcp_server.mjs";
import { Provider } from "../support/mcp_flows.ts";

const provider = () =>
  new Provider("http://127.0.0.1:8912/callback", {
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "native",
  });

interface Trial {
  server: Awaited<ReturnType<typeof startServer>>;
  serverUrl: string;
  store: ClientStore;
}

async function withServers(trial: (trial: Trial) => Promise<void>): Promise<void> {
  const server = await startServer();
  const mcp = await startMcpServer(server.issuer);
  const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
  try {
    await trial({ server, serverUrl: mcp.url, store: openClientStore({ runtime }) });
  } finally {
    await mcp.close();
    await server.close();
  }
}

/** Goes to the browser and comes back in another process, which has what the provider has kept. */
async function logIn({ serverUrl, store }: Trial, own: Provider): Promise<string | null> {
  const process = () => {
    const { authProvider, fetch } = withClientStore(own, store);
    return { authProvider: authProvider as never, fetchFn: fetch as typeof globalThis.fetch };
  };
  const first = process();
  assertEquals(await auth(first.authProvider, { serverUrl, fetchFn: first.fetchFn }), "REDIRECT");
  const url = own.visited.at(-1);
  const { code, iss } = await authorize(url);
  const second = process();
  const outcome = await auth(second.authProvider, {
    serverUrl,
    fetchFn: second.fetchFn,
    authorizationCode: code,
    callbackIssuer: iss,
  });
  assertEquals(outcome, "AUTHORIZED");
  return url?.searchParams.get("client_id") ?? null;
}

test("the auth of @ai-sdk/mcp registers once with a provider that keeps tokens alone", async () => {
  await withServers(async (trial) => {
    const first = await logIn(trial, provider());
    assertEquals(await logIn(trial, provider()), first);
    assertEquals((await trial.server.count()).requests, 1);
    const client = await trial.store.lookup(trial.server.issuer);
    assertEquals(typeof client?.registration_access_token, "string");
    assertEquals(typeof client?.token_endpoint, "string"); // what it pins
  });
});

test("the auth of @ai-sdk/mcp recovers when the server has forgotten the client", async () => {
  await withServers(async (trial) => {
    const { server, serverUrl, store } = trial;
    const own = provider();
    const dead = await logIn(trial, own);
    await server.forget();
    own.saved = { ...own.saved, refresh_token: "of a forgotten client" } as typeof own.saved;
    const { authProvider, fetch } = withClientStore(own, store);
    const options = { serverUrl, fetchFn: fetch as typeof globalThis.fetch };
    assertEquals(await auth(authProvider as never, options), "REDIRECT");
    const fresh = own.visited.at(-1)?.searchParams.get("client_id");
    assert(fresh !== dead);
    assertEquals((await store.lookup(server.issuer))?.client_id, fresh);
    assertEquals((await server.count()).requests, 2);
  });
});
