// A malicious MCP server names an authorization server that tries to get the client, the secret or the
// code of another one, the victim. See RFC 9700, section 4.4, and the mix-up attacks of RFC 9207.
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ClientStore, openClientStore } from "@oauth2/client-store";
import { type FetchLike, withClientStore } from "@oauth2/client-store/mcp";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { auth, type AuthOptions, browse, LINES, Provider } from "../support/mcp_flows.ts";
import {
  type Behaviour,
  type Running,
  startAuthorizationServer,
  startResource,
} from "../support/mcp_servers.ts";

const SECRET = "the secret of the victim's client";

interface Attack {
  victim: Running;
  evil: Running;
  store: ClientStore;
  /** Logs in at the malicious MCP server, which names these servers in turn, as far as that goes. */
  fall(trap?: { provider?: Provider; named?: Running[]; fetch?: FetchLike }): Promise<void>;
}

/** States that an attack fails, and tries it with both lines, in each with its checks left out. */
function withstands(
  name: string,
  behaviour: (victim: Running) => Behaviour,
  check: (attack: Attack) => Promise<void>,
): void {
  for (const line of LINES) {
    for (const skipIssuerMetadataValidation of line === "v1" ? [false] : [false, true]) {
      const label = skipIssuerMetadataValidation ? `${line}, no check of the issuer` : line;
      test(`${name} (${label})`, async () => {
        const victim = await startAuthorizationServer({ clients: { stored: SECRET } });
        const evil = await startAuthorizationServer(behaviour(victim));
        let named = evil;
        const resource = await startResource(() => named.origin);
        const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
        const store = openClientStore({ runtime, warn: () => {} });
        await store.store(victim.origin, { client_id: "stored", client_secret: SECRET });
        const fall: Attack["fall"] = async (trap = {}) => {
          const { provider = confidential(), fetch } = trap;
          const { authProvider, fetch: fetchFn } = withClientStore(provider, store, {
            ...(fetch && { fetch }),
          });
          for (named of trap.named ?? [evil]) {
            const options: AuthOptions = {
              serverUrl: resource.url,
              fetchFn,
              skipIssuerMetadataValidation,
            };
            try {
              await auth(line, authProvider, options);
              await browse(provider.visited.at(-1));
              await auth(line, authProvider, { ...options, authorizationCode: "code" });
            } catch {
              // the attack may end in any way but one
            }
          }
        };
        try {
          await check({ victim, evil, store, fall });
          // Whatever was tried: the evil one has seen nothing that is the victim's.
          for (const { client_id, secret } of evil.tokenRequests) {
            assert(client_id !== "stored" || secret !== SECRET, client_id);
            assert(!secret?.includes(victim.origin) && secret !== SECRET);
          }
          assertEquals((await store.lookup(victim.origin))?.client_secret, SECRET);
        } finally {
          await resource.close();
          await victim.close();
          await evil.close();
        }
      });
    }
  }
}

const confidential = () =>
  new Provider(undefined, { token_endpoint_auth_method: "client_secret_post" });

withstands(
  "a document that claims the victim's issuer gets no client of the victim's",
  (victim) => ({ document: (document) => ({ ...document, issuer: victim.origin }) }),
  async ({ fall, victim }) => {
    await fall();
    assertEquals(victim.registrations.length, 0);
  },
);

withstands(
  "a document without a token endpoint of its own claims the victim's issuer in vain",
  (victim) => ({
    document: ({ registration_endpoint: _, ...document }) => ({
      ...document,
      issuer: victim.origin,
    }),
  }),
  async ({ fall, evil }) => {
    await fall();
    assertEquals(evil.tokenRequests.length, 0);
  },
);

withstands(
  "a registration endpoint that is the victim's is not used for another server",
  (victim) => ({
    document: (document) => ({
      ...document,
      registration_endpoint: `${victim.origin}/register`,
    }),
  }),
  async ({ fall, victim, evil, store }) => {
    await fall();
    assertEquals(victim.registrations.length, 0);
    assertEquals(await store.lookup(evil.origin), undefined);
  },
);

withstands(
  "a client that has the victim's client_id is the other server's own",
  () => ({ registered: (answer) => ({ ...answer, client_id: "stored", client_secret: "evil" }) }),
  async ({ fall, evil, store }) => {
    await fall();
    assertEquals(evil.tokenRequests.map(({ secret }) => secret)[0], "evil");
    // It was rejected there, which is no reason to give up the victim's.
    assertEquals(await store.lookup(evil.origin), undefined);
  },
);

withstands(
  "a registration that is redirected to the victim is not made there",
  () => ({}),
  async ({ fall, victim, evil, store }) => {
    const moved = `${victim.origin}/register`;
    const fetch = (url: string | URL, init?: RequestInit) =>
      String(url) === `${evil.origin}/register`
        ? Promise.resolve(new Response(null, { status: 307, headers: { location: moved } }))
        : globalThis.fetch(url, init);
    const { fetch: remembering } = withClientStore(confidential(), store, { fetch });
    await remembering(`${evil.origin}/.well-known/oauth-authorization-server`);
    const body = JSON.stringify({ redirect_uris: ["http://127.0.0.1/callback"] });
    const answer = await remembering(`${evil.origin}/register`, { method: "POST", body });
    assertEquals(answer.status, 307);
    assertEquals(victim.registrations.length, 0);
    await fall();
  },
);

withstands(
  "a provider's own client that is bound to the victim is not taken for another server's",
  () => ({}),
  async ({ fall, victim }) => {
    const own = { client_id: "stored", client_secret: SECRET };
    // By its stamp, and where it has none by what the store knows.
    for (const client of [own, { ...own, issuer: victim.origin }]) {
      const keeping = { clientInformation: () => client, saveClientInformation: () => {} };
      await fall({ provider: Object.assign(confidential(), keeping) });
    }
  },
);

withstands(
  "a registration endpoint that is the victim's gives no client of a victim that was used before",
  (victim) => ({
    document: (document) => ({
      ...document,
      registration_endpoint: `${victim.origin}/register`,
    }),
  }),
  async ({ fall, victim, evil, store }) => {
    await fall({ named: [victim, evil] });
    assertEquals(victim.tokenRequests.map(({ secret }) => secret), [SECRET]);
    assertEquals([evil.tokenRequests.length, victim.registrations.length], [0, 0]);
    assertEquals(await store.lookup(evil.origin), undefined);
  },
);

withstands(
  "a rejection at the victim's token endpoint is not that of the victim's client",
  (victim) => ({
    document: (document) => ({ ...document, token_endpoint: `${victim.origin}/token` }),
    registered: (answer) => ({ ...answer, client_id: "stored", client_secret: "evil" }),
  }),
  async ({ fall, victim, evil }) => {
    await fall({ named: [victim, evil, victim] });
    const secrets = victim.tokenRequests.map(({ secret }) => secret);
    assert(secrets.includes("evil"));
    assertEquals(secrets.at(-1), SECRET);
    assertEquals(victim.registrations.length, 0);
  },
);

withstands(
  "a document that is redirected to the victim's leaves the victim's its own",
  () => ({}),
  async ({ fall, victim, evil, store }) => {
    const path = "/.well-known/oauth-authorization-server";
    const headers = { location: `${victim.origin}${path}` };
    const fetch: FetchLike = (url, init) =>
      String(url) === `${evil.origin}${path}`
        ? Promise.resolve(new Response(null, { status: 302, headers }))
        : globalThis.fetch(url, init);
    await fall({ named: [evil, victim], fetch });
    assertEquals(victim.tokenRequests.map(({ secret }) => secret), [SECRET]);
    assertEquals(victim.registrations.length, 0);
    const atEvil = await store.lookup(evil.origin);
    assert(!atEvil?.client_secret?.includes(victim.origin));
  },
);

let isLured = false;
withstands(
  "a client that was registered where the victim gives tokens goes to no other token endpoint",
  (victim) => ({
    document: (document) => ({
      ...document,
      registration_endpoint: `${victim.origin}/register`,
      ...(isLured && { token_endpoint: `${victim.origin}/token` }),
    }),
  }),
  async ({ fall, victim, evil, store }) => {
    isLured = true;
    await fall();
    const { client_secret } = await store.lookup(evil.origin) ?? {};
    assertEquals(victim.tokenRequests.map(({ secret }) => secret), [client_secret]);
    isLured = false;
    await fall();
    assertEquals([evil.tokenRequests.length, victim.registrations.length], [0, 1]);
    isLured = true;
    await fall();
    assertEquals(victim.tokenRequests.map(({ secret }) => secret), Array(2).fill(client_secret));
  },
);

test("a client that was answered for the victim is not saved for another server", async () => {
  const victim = await startAuthorizationServer();
  const evil = await startAuthorizationServer({
    document: (document) => ({ ...document, registration_endpoint: `${victim.origin}/register` }),
  });
  const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
  const { authProvider, fetch } = withClientStore(confidential(), store);
  try {
    // Two flows at once: the one at the victim is the last to discover its server.
    for (const { origin } of [evil, victim]) {
      await fetch(`${origin}/.well-known/oauth-authorization-server`);
    }
    const { redirectUrl } = confidential();
    const body = JSON.stringify({ redirect_uris: [redirectUrl] });
    const answer = await fetch(`${victim.origin}/register`, { method: "POST", body });
    const client = { ...await answer.json(), issuer: evil.origin };
    for (const context of [undefined, { issuer: evil.origin }]) {
      await assertRejects(
        async () => await authProvider.saveClientInformation?.(client, context),
        Error,
        victim.origin,
      );
    }
    assertEquals(await store.lookup(evil.origin), undefined);
    await authProvider.saveClientInformation?.({ ...client, issuer: victim.origin });
  } finally {
    await victim.close();
    await evil.close();
  }
});

test("a client that the SDK has registered by itself at the victim is not saved for another server", async () => {
  const victim = await startAuthorizationServer();
  const evil = await startAuthorizationServer({
    document: (document) => ({ ...document, registration_endpoint: `${victim.origin}/register` }),
  });
  const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
  const { authProvider, fetch } = withClientStore(confidential(), store);
  try {
    await fetch(`${evil.origin}/.well-known/oauth-authorization-server`);
    // As versions of the SDK before 1.17.3 do, which pass the fetch on for all but this.
    const client = { client_id: "fresh", client_secret: "of the victim" };
    await assertRejects(
      async () => await authProvider.saveClientInformation?.(client),
      Error,
      victim.origin,
    );
    assertEquals(await store.lookup(evil.origin), undefined);
  } finally {
    await victim.close();
    await evil.close();
  }
});
