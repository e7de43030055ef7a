import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { OAuthClientProvider } from "@modelcontextprotocol/client";
import { type ClientInformation, type ClientStore, openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";
import { createMemoryRuntime, type MemoryRuntime } from "@oauth2/client-store/memory";
import { interceptedRuntime } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";
const REGISTER = `${ISSUER}/register`;
const DOCUMENT = `${ISSUER}/.well-known/oauth-authorization-server`;
const REDIRECT = "http://127.0.0.1:8912/callback";
const metadata = { redirect_uris: [REDIRECT] };
const post = (body: object = metadata) => ({ method: "POST", body: JSON.stringify(body) });

/** A provider as a user's class is: what it keeps is private. */
class Provider {
  readonly redirectUrl = REDIRECT;
  readonly clientMetadata = metadata;
  readonly invalidated: string[] = [];
  readonly visited: URL[] = [];
  #tokens = "kept";
  tokens() {
    return this.#tokens;
  }
  invalidateCredentials(scope: string) {
    this.invalidated.push(scope);
  }
  redirectToAuthorization(url: URL) {
    this.visited.push(url);
  }
  saveTokens(_: object) {}
}

/** An authorization server that answers a registration with `answer`. */
function serverOf(
  answer: (body: Record<string, unknown>, count: number) => Response,
  document: object = { issuer: ISSUER, registration_endpoint: REGISTER },
) {
  const requests: Record<string, unknown>[] = [];
  const fetch = (url: string | URL, init?: RequestInit) => {
    if (String(url).includes("/.well-known/")) return Promise.resolve(Response.json(document));
    if (init?.method !== "POST") return Promise.resolve(new Response(null, { status: 404 }));
    const body = JSON.parse(String(init.body));
    requests.push(body);
    return Promise.resolve(answer(body, requests.length));
  };
  return { requests, fetch };
}

const granting = () =>
  serverOf((body, count) =>
    Response.json({ ...body, client_id: `client-${count}` }, { status: 201 })
  );

function openStore(runtime: MemoryRuntime = createMemoryRuntime({ env: { HOME: "/home/u" } })) {
  return openClientStore({ runtime, warn: () => {} });
}

async function storeWith(client: Partial<ClientInformation>): Promise<ClientStore> {
  const store = openStore();
  await store.store(ISSUER, { client_id: "stored", redirect_uris: [REDIRECT], ...client });
  return store;
}

test("withClientStore() gives both lines of the SDK what they take", () => {
  // A type test: the check of the types fails where this does not hold.
  const accept = (provider: OAuthClientProvider): OAuthClientProvider =>
    withClientStore(provider, openStore()).authProvider;
  assertEquals(typeof accept, "function");
  const { authProvider } = withClientStore(new Provider(), openStore());
  assert("clientInformation" in authProvider && "tokens" in authProvider);
  assertEquals(authProvider.tokens(), "kept");
});

test("clientInformation() gives back what was stored, verbatim, with the issuer that binds it", async () => {
  const stored = {
    client_id: "stored",
    token_endpoint_auth_method: "none",
    redirect_uris: [REDIRECT],
    software_version: "7",
    registration_access_token: "t0ken",
  };
  const { authProvider } = withClientStore(new Provider(), await storeWith(stored));
  const found = await authProvider.clientInformation({ issuer: `${ISSUER}/` });
  assertEquals({ ...found }, { ...stored, issuer: `${ISSUER}/` } as typeof found);
  const stamped = await storeWith({ ...stored, issuer: ISSUER });
  const again = withClientStore(new Provider(), stamped).authProvider;
  assertEquals((await again.clientInformation({ issuer: `${ISSUER}/` }))?.issuer, `${ISSUER}/`);
});

test("clientInformation() does not give a client that has expired or does not fit", async () => {
  for (
    const [client, fit, isThere] of [
      [{ client_secret: "x", client_secret_expires_at: 1 }, {}, false],
      [{ redirect_uris: ["http://127.0.0.1:1/callback"] }, {}, true],
      [{ redirect_uris: ["http://127.0.0.1:1/callback"] }, { anyLoopbackPort: false }, false],
      [{ redirect_uris: ["http://127.0.0.1:8912/other"] }, {}, false],
      [{ scope: "read" }, { scope: "read write" }, false],
      [{}, { accept: () => false }, false],
      [{}, {}, true],
    ] as const
  ) {
    const store = await storeWith({ ...client } as Partial<ClientInformation>);
    const { authProvider } = withClientStore(new Provider(), store, { ...fit, issuer: ISSUER });
    const found = await authProvider.clientInformation({ issuer: ISSUER });
    assertEquals(found !== undefined, isThere, JSON.stringify([client, fit]));
  }
});

test("the 1.x line, which names no issuer, finds its client by discovery, kept state or option", async () => {
  const store = await storeWith({});
  const { fetch } = granting();
  const state = {
    authorizationServerUrl: `${ISSUER}/`,
    authorizationServerMetadata: { issuer: ISSUER },
  };
  const keeping = Object.assign(new Provider(), {
    discoveryState: () => Promise.resolve(state),
    saveDiscoveryState: (_: object) => {},
  });
  const byFetch = withClientStore(new Provider(), store, { fetch });
  const byState = withClientStore(keeping, store, { fetch });
  const bySaving = withClientStore(keeping, store, { fetch });
  const byOption = withClientStore(new Provider(), store, { issuer: `${ISSUER}/` });
  await assertRejects(() => byFetch.authProvider.clientInformation(), Error, "pass the fetch");
  await byFetch.fetch(DOCUMENT);
  assertEquals(await byState.authProvider.discoveryState(), state);
  bySaving.authProvider.saveDiscoveryState(state);
  for (const { authProvider } of [byFetch, byState, bySaving, byOption]) {
    assertEquals((await authProvider.clientInformation())?.client_id, "stored");
  }
});

test("a server that claims another's issuer does not get the other's client", async () => {
  const store = await storeWith({});
  const { fetch } = serverOf(() => Response.json({}), { issuer: ISSUER });
  const persistent = withClientStore(new Provider(), store, { fetch });
  await persistent.fetch("https://evil.example/.well-known/oauth-authorization-server");
  assertEquals(await persistent.authProvider.clientInformation(), undefined);
});

test("the fetch of withClientStore() registers once, keeps the management data, and then answers from disk", async () => {
  const management = {
    registration_client_uri: `${REGISTER}/1`,
    registration_access_token: "t0ken",
  };
  const server = serverOf((body) =>
    Response.json({ ...body, client_id: "new", ...management }, { status: 201 })
  );
  const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
  const flow = async () => {
    const { fetch } = withClientStore(new Provider(), openStore(runtime), { fetch: server.fetch });
    await fetch(DOCUMENT);
    return await (await fetch(new URL(REGISTER), post())).json();
  };
  const answers = [...await Promise.all([flow(), flow(), flow()]), await flow()];
  assertEquals(server.requests.length, 1);
  for (const answer of answers) {
    const application_type = "native";
    assertEquals(answer, { ...metadata, application_type, client_id: "new", ...management });
  }
  assertEquals(await openStore(runtime).lookup(ISSUER), answers[0]);
});

test("a refused registration reaches every caller as the server gave it, and leaves nothing behind", async () => {
  const refusal = { error: "invalid_redirect_uri", error_description: "not allowed" };
  const store = openStore();
  const server = serverOf(() => Response.json(refusal, { status: 400 }));
  const { fetch } = withClientStore(new Provider(), store, { fetch: server.fetch });
  await fetch(DOCUMENT);
  const answers = await Promise.all([1, 2].map(() => fetch(REGISTER, post())));
  for (const answer of answers) {
    assertEquals(answer.status, 400);
    assertEquals(await answer.json(), refusal);
  }
  assertEquals(server.requests.length, 1);
  assertEquals((await store.list()).size, 0);
});

test("a client that another program stored without redirect_uris is answered with those asked for", async () => {
  const store = openStore();
  await store.store(ISSUER, { client_id: "bare" });
  const { fetch } = withClientStore(new Provider(), store, { fetch: granting().fetch });
  await fetch(DOCUMENT);
  const answer = await fetch(REGISTER, post());
  assertEquals([answer.status, await answer.json()], [201, { ...metadata, client_id: "bare" }]);
});

test("a server without a metadata document has its clients registered at /register", async () => {
  const server = granting();
  const fetch = (url: string | URL, init?: RequestInit) =>
    init?.method === "POST"
      ? server.fetch(url, init)
      : Promise.resolve(new Response(null, { status: 404 }));
  const store = openStore();
  const persistent = withClientStore(new Provider(), store, { fetch });
  await persistent.fetch(DOCUMENT);
  await persistent.fetch(REGISTER, post());
  assertEquals((await persistent.authProvider.clientInformation())?.client_id, "client-1");
});

test("saveClientInformation() stores what was registered elsewhere, and writes nothing that is there", async () => {
  const memory = createMemoryRuntime({ env: { HOME: "/home/u" } });
  let writes = 0;
  const runtime = interceptedRuntime(memory, (operation) => {
    if (operation === "rename") writes++;
  });
  const store = openClientStore({ runtime });
  const { authProvider } = withClientStore(new Provider(), store);
  const client = { client_id: "new", redirect_uris: [REDIRECT], issuer: ISSUER };
  await authProvider.saveClientInformation?.(client);
  assertEquals(await store.lookup(ISSUER), client);
  const before = writes;
  await authProvider.saveClientInformation?.({ ...client, issuer: `${ISSUER}/` });
  assertEquals(writes, before);
});

test("a client that is named by the URL of its metadata document is never stored", async () => {
  const store = openStore();
  const document = { client_id: "https://app.example/client.json", issuer: ISSUER };
  const provider = Object.assign(new Provider(), { clientMetadataUrl: document.client_id });
  const { authProvider } = withClientStore(provider, store, { issuer: ISSUER });
  await authProvider.saveClientInformation?.(document, { issuer: ISSUER });
  assertEquals((await store.list()).size, 0);
  assertEquals(await authProvider.clientInformation({ issuer: ISSUER }), document);
  await authProvider.invalidateCredentials("client");
  assertEquals(await authProvider.clientInformation({ issuer: ISSUER }), undefined);
});

test("invalidateCredentials() removes the client that was handed out last, and no other", async () => {
  for (const scope of ["client", "all"] as const) {
    const store = await storeWith({});
    await store.store("https://b.example", { client_id: "b" });
    const provider = new Provider();
    const { authProvider } = withClientStore(provider, store);
    await authProvider.invalidateCredentials(scope); // none was handed out yet
    await authProvider.clientInformation({ issuer: ISSUER });
    await authProvider.invalidateCredentials("tokens");
    assertEquals((await store.list()).size, 2);
    await authProvider.invalidateCredentials(scope);
    assertEquals([...(await store.list()).keys()], ["https://b.example"]);
    assertEquals(provider.invalidated, [scope, "tokens", scope]);
  }
});

test("invalidateCredentials() leaves the client that a sibling has registered meanwhile", async () => {
  const store = await storeWith({});
  const { authProvider } = withClientStore(new Provider(), store);
  await authProvider.clientInformation({ issuer: ISSUER });
  await store.store(ISSUER, { client_id: "fresh" });
  await authProvider.invalidateCredentials("client");
  assertEquals((await store.lookup(ISSUER))?.client_id, "fresh");
});

test("invalidateCredentials() removes the client that the server rejected, not a newer one", async () => {
  const store = await storeWith({});
  const rejection = Response.json({ error: "invalid_client" }, { status: 401 });
  const basic = { authorization: `Basic ${btoa("urn:stored:s3cr3t")}` };
  for (
    const init of [
      { method: "POST", body: new URLSearchParams({ client_id: "urn:stored" }) },
      { method: "POST", body: new URLSearchParams(), headers: basic },
    ]
  ) {
    const fetch = () => Promise.resolve(rejection.clone());
    const persistent = withClientStore(new Provider(), store, { fetch, issuer: ISSUER });
    await store.store(ISSUER, { client_id: "urn:stored" });
    await persistent.authProvider.clientInformation({ issuer: ISSUER });
    // Two flows are rejected; the first has registered again before the second can say so.
    await Promise.all([1, 2].map(() => persistent.fetch(`${ISSUER}/token`, init)));
    await persistent.authProvider.invalidateCredentials("client");
    assertEquals(await persistent.authProvider.clientInformation({ issuer: ISSUER }), undefined);
    await persistent.authProvider.saveClientInformation?.({ client_id: "fresh", issuer: ISSUER });
    await persistent.authProvider.invalidateCredentials("client");
    assertEquals((await store.lookup(ISSUER))?.client_id, "fresh");
  }
});

test("a client_id that the server gives out again after a rejection is stored again", async () => {
  const store = openStore();
  const { authProvider } = withClientStore(new Provider(), store);
  for (let round = 0; round < 2; round++) {
    await authProvider.saveClientInformation?.({ client_id: "same", issuer: ISSUER });
    assertEquals((await store.lookup(ISSUER))?.client_id, "same");
    await authProvider.invalidateCredentials("client");
    assertEquals(await store.lookup(ISSUER), undefined);
  }
});

test("a flow that asks for a scope beyond the registration is sent with a client that covers it", async () => {
  const store = await storeWith({ scope: "read" });
  const server = granting();
  const provider = new Provider();
  const { authProvider, fetch } = withClientStore(provider, store, { fetch: server.fetch });
  await fetch(DOCUMENT);
  const ask = async (scope: string): Promise<string | null | undefined> => {
    const client_id = (await authProvider.clientInformation({ issuer: ISSUER }))?.client_id ?? "";
    const query = new URLSearchParams({ client_id, scope });
    await authProvider.redirectToAuthorization(new URL(`${ISSUER}/authorize?${query}`));
    return provider.visited.at(-1)?.searchParams.get("client_id");
  };
  assertEquals(await ask("read"), "stored");
  assertEquals(await ask("read write"), "client-1");
  assertEquals(await ask("write"), "client-1");
  const application_type = "native";
  assertEquals(server.requests, [{ ...metadata, application_type, scope: "read write" }]);
});

test("a server that grants less scope than asked for is not asked again on every run", async () => {
  const server = serverOf((body, count) =>
    Response.json({ ...body, scope: "read", client_id: `client-${count}` }, { status: 201 })
  );
  const store = openStore();
  for (let run = 0; run < 3; run++) {
    const { fetch } = withClientStore(new Provider(), store, { fetch: server.fetch });
    await fetch(DOCUMENT);
    const answer = await fetch(REGISTER, post({ ...metadata, scope: "read write" }));
    assertEquals((await answer.json()).client_id, "client-1");
  }
  assertEquals(server.requests.length, 1);
});

/** A run of a program: discovery, registration where needed, and the way to the browser. */
async function signIn(
  store: ClientStore,
  server: ReturnType<typeof serverOf>,
  scope?: string,
  options: object = {},
  own: object = {},
) {
  const provider = Object.assign(new Provider(), own);
  const persistent = withClientStore(provider, store, { fetch: server.fetch, ...options });
  const { authProvider, fetch } = persistent;
  await fetch(DOCUMENT);
  const body = post({ ...metadata, ...(scope !== undefined && { scope }) });
  const client = await authProvider.clientInformation({ issuer: ISSUER }) ??
    await (await fetch(REGISTER, body)).json();
  const go = async (client_id: string) => {
    const query = new URLSearchParams({ client_id, ...(scope !== undefined && { scope }) });
    await authProvider.redirectToAuthorization(new URL(`${ISSUER}/authorize?${query}`));
    return provider.visited.at(-1)?.searchParams.get("client_id");
  };
  const sent = await go(client.client_id);
  const redeeming = async () =>
    (await authProvider.clientInformation({ issuer: ISSUER }))?.client_id;
  return { ...persistent, sent, redeeming, again: async () => await go(await redeeming() ?? "") };
}

test("a code is redeemed by the client that the browser was sent with, whatever is stored meanwhile", async () => {
  const store = openStore();
  const [a, b] = [
    await signIn(store, granting(), "a"),
    await signIn(store, granting(), "b"),
  ];
  await store.store(ISSUER, { client_id: "sibling", redirect_uris: ["http://127.0.0.1/other"] });
  for (const { sent, redeeming } of [a, b]) {
    assertEquals(await redeeming(), sent);
  }
  for (const answer of [{ redirect_uris: [`${REDIRECT}/`] }, { client_secret_expires_at: 7 }]) {
    const server = serverOf((body) =>
      Response.json({ ...body, client_id: "odd", ...answer }, { status: 201 })
    );
    const { sent, redeeming, authProvider } = await signIn(openStore(), server);
    assertEquals([sent, await redeeming()], ["odd", "odd"]);
    await authProvider.invalidateCredentials("client");
    assertEquals(await redeeming(), undefined);
  }
});

test("flows that ask for different scopes in turn have a client each, and register once", async () => {
  for (const granted of [undefined, "a"]) {
    const server = serverOf((body, count) =>
      Response.json({ ...body, ...(granted && { scope: granted }), client_id: `client-${count}` }, {
        status: 201,
      })
    );
    const store = openStore();
    const sent: unknown[] = [];
    for (const scope of ["a", "b", "a", "b"]) sent.push((await signIn(store, server, scope)).sent);
    assertEquals(server.requests.map(({ scope }) => scope), ["a", "b"]);
    const third = granted ? "client-2" : "client-1";
    assertEquals(sent, ["client-1", "client-2", third, "client-2"]);
  }
});

test("flows for different scopes that start together have a client each, too", async () => {
  const store = openStore();
  const server = granting();
  const scopes = ["a", "b", "c"];
  await Promise.all(scopes.map((scope) => signIn(store, server, scope)));
  for (const scope of scopes) await signIn(store, server, scope);
  assertEquals(server.requests.length, 3);
});

test("a login that nobody finished does not tie the next one to its client", async () => {
  const fresh = { client_id: "fresh", redirect_uris: [REDIRECT] };
  const changes: [(store: ClientStore) => Promise<unknown>, string][] = [
    [(store) => store.remove(ISSUER), "client-2"],
    [(store) => store.store(ISSUER, fresh), "fresh"],
  ];
  for (const [change, next] of changes) {
    const store = openStore();
    const { sent, again } = await signIn(store, granting());
    assertEquals(sent, "client-1");
    await change(store);
    assertEquals(await again(), next);
  }
});

test("a login that nobody finished does not speak for one that was made elsewhere", async () => {
  const store = openStore();
  const kept: { refresh_token?: string } = {};
  const tokens = { tokens: () => kept };
  const server = granting();
  const abandoned = await signIn(store, server, "a", {}, tokens);
  const other = await signIn(store, server, "b", {}, tokens);
  assertEquals([abandoned.sent, other.sent], ["client-1", "client-2"]);
  assertEquals(await abandoned.redeeming(), "client-1");
  kept.refresh_token = "r2";
  assertEquals(await abandoned.redeeming(), "client-2");
});

test("a provider that keeps tokens by issuer is asked for those of the server at hand", async () => {
  const store = openStore();
  const tokens = (context?: { issuer: string }) => context && { refresh_token: context.issuer };
  const { sent, redeeming } = await signIn(store, granting(), undefined, {}, { tokens });
  await store.store(ISSUER, { client_id: "sibling", redirect_uris: [REDIRECT] });
  assertEquals(await redeeming(), sent);
});

test("a secret that was renewed while the user was away is the one that counts", async () => {
  const store = openStore();
  const { authProvider } = await signIn(store, granting());
  const renewed = { client_id: "client-1", client_secret: "n3w", redirect_uris: [REDIRECT] };
  await store.store(ISSUER, renewed);
  const found = await authProvider.clientInformation({ issuer: ISSUER });
  assertEquals(found?.client_secret, "n3w");
});

test("of two logins at once the one that the browser was sent with last is awaited", async () => {
  const store = await storeWith({ scope: "a" });
  const provider = new Provider();
  const { authProvider, fetch } = withClientStore(provider, store, { fetch: granting().fetch });
  await fetch(DOCUMENT);
  const client_id = (await authProvider.clientInformation({ issuer: ISSUER }))?.client_id ?? "";
  for (const scope of ["a b", "a"]) {
    const query = new URLSearchParams({ client_id, scope });
    await authProvider.redirectToAuthorization(new URL(`${ISSUER}/authorize?${query}`));
  }
  assertEquals(provider.visited.map((url) => url.searchParams.get("client_id")), [
    "client-1",
    "stored",
  ]);
  assertEquals((await authProvider.clientInformation({ issuer: ISSUER }))?.client_id, "stored");
});

test("a scope that the server does not know spoils no other", async () => {
  const known = ["basic", "b"];
  const server = serverOf((body, count) => {
    const asked = String(body.scope).split(" ");
    const scope = asked.every((value) => known.includes(value)) ? body.scope : "basic";
    return Response.json({ ...body, scope, client_id: `client-${count}` }, { status: 201 });
  });
  const store = openStore();
  for (const scope of ["bogus", "b", "bogus", "b"]) await signIn(store, server, scope);
  assertEquals(server.requests.map(({ scope }) => scope), ["bogus", "b"]);
  assertEquals((await store.lookup(ISSUER, { scope: "b" }))?.client_id, "client-2");
});

test("a rejection that nobody acted on does not hide the next one", async () => {
  const store = openStore();
  const fetch = () => Promise.resolve(Response.json({ error: "invalid_client" }, { status: 401 }));
  const persistent = withClientStore(new Provider(), store, { fetch });
  for (const client_id of ["one", "two"]) {
    await persistent.authProvider.saveClientInformation?.({ client_id, issuer: ISSUER });
    const init = { method: "POST", body: new URLSearchParams({ client_id }) };
    for (let n = 0; n < 2; n++) await persistent.fetch(`${ISSUER}/token`, init);
    await persistent.authProvider.invalidateCredentials("client");
    assertEquals(await store.lookup(ISSUER), undefined);
  }
});

test("a server that refuses several scopes together is asked for the one that is needed", async () => {
  const server = serverOf((body, count) =>
    String(body.scope).includes(" ")
      ? Response.json({ error: "invalid_client_metadata" }, { status: 400 })
      : Response.json({ ...body, client_id: `client-${count}` }, { status: 201 })
  );
  const store = openStore();
  await signIn(store, server, "a");
  assertEquals((await signIn(store, server, "b")).sent, "client-2");
  assertEquals(server.requests.map(({ scope }) => scope), ["a", "b"]);
});

test("a scope that the program requires is asked for, and not again where less is granted", async () => {
  const server = serverOf((body) =>
    Response.json({ ...body, scope: "a", client_id: "less" }, { status: 201 })
  );
  const store = openStore();
  for (let run = 0; run < 3; run++) {
    const { sent, redeeming } = await signIn(store, server, "a", { scope: "a extra" });
    assertEquals([sent, await redeeming()], ["less", "less"]);
  }
  assertEquals(server.requests.map(({ scope }) => scope), ["a extra"]);
});

test("withClientStore() takes a frozen provider, and one that is written to", () => {
  const frozen = Object.freeze({
    redirectUrl: REDIRECT,
    clientMetadata: metadata,
    tokens: () => "t",
    clientInformation: () => undefined,
  });
  assertEquals(withClientStore(frozen, openStore()).authProvider.tokens(), "t");
  class Written extends Provider {
    #state = "";
    get clientInformation(): () => unknown {
      return () => undefined;
    }
    get state() {
      return this.#state;
    }
    set state(value: string) {
      this.#state = value;
    }
  }
  const { authProvider } = withClientStore(new Written(), openStore());
  authProvider.state = "new";
  assertEquals(authProvider.state, "new");
  assert(authProvider instanceof Written);
});

test("withClientStore() says what is wrong with its arguments, and when no issuer is known", async () => {
  assertThrows(() => withClientStore({} as Provider, openStore()), TypeError, "provider");
  assertThrows(() => withClientStore(new Provider(), {} as ClientStore), TypeError, "store");
  const { authProvider } = withClientStore(new Provider(), openStore());
  await assertRejects(
    async () => await authProvider.saveClientInformation?.({ client_id: "new", ...metadata }),
    TypeError,
    "issuer is not known",
  );
});

test("a client is never given without the issuer that it is bound to", async () => {
  const other = "https://other.example";
  const options = { issuer: ISSUER };
  const { authProvider } = withClientStore(new Provider(), await storeWith({}), options);
  assertEquals((await authProvider.clientInformation())?.issuer, ISSUER);
  // The 1.x line names no issuer where it asks, but where it saves.
  const saved = { client_id: "other", redirect_uris: [REDIRECT], issuer: other };
  await authProvider.saveClientInformation?.(saved);
  assertEquals((await authProvider.clientInformation())?.client_id, "other");
});

test("a wider client is registered where the server says, and of the kind of the one before", async () => {
  const server = serverOf(
    (body) => Response.json({ ...body, client_id: "wider" }, { status: 201 }),
    { issuer: ISSUER, registration_endpoint: `${ISSUER}/connect/register` },
  );
  const paths: string[] = [];
  const fetch = (url: string | URL, init?: RequestInit) => {
    paths.push(new URL(url).pathname);
    if (String(url) !== DOCUMENT) return server.fetch(url, init);
    return Promise.resolve(new Response(null, { status: 404 }));
  };
  const kind = { grant_types: ["authorization_code", "refresh_token"], application_type: "native" };
  const store = await storeWith({ scope: "read", ...kind });
  const { authProvider, fetch: persistent } = withClientStore(new Provider(), store, { fetch });
  await persistent(DOCUMENT);
  await persistent(`${ISSUER}/.well-known/openid-configuration`);
  const client = await authProvider.clientInformation({ issuer: ISSUER });
  const query = new URLSearchParams({ client_id: client?.client_id ?? "", scope: "read write" });
  await authProvider.redirectToAuthorization(new URL(`${ISSUER}/authorize?${query}`));
  assertEquals(paths.at(-1), "/connect/register");
  assertEquals(server.requests, [{ ...kind, ...metadata, scope: "read write" }]);
});

test("a login goes on with the client at hand where a wider one is not to be had", async () => {
  for (
    const answer of [
      () => new Response("<html>", { status: 200 }),
      () => Response.json({ error: "unavailable" }),
      () => Response.json({ error: "invalid_client_metadata" }, { status: 400 }),
      () => {
        throw new TypeError("fetch failed");
      },
    ]
  ) {
    const store = await storeWith({ scope: "read" });
    const { sent } = await signIn(store, serverOf(answer), "read write");
    assertEquals(sent, "stored");
  }
});

test("a rejection counts whatever its status, and only the answers to forms are read", async () => {
  const store = await storeWith({});
  const endless = () => new Response(new ReadableStream({}), { status: 503 });
  const fetch = (_: string | URL, init?: RequestInit) =>
    Promise.resolve(
      typeof init?.body === "string" ? endless() : Response.json({ error: "invalid_client" }),
    );
  const persistent = withClientStore(new Provider(), store, { fetch, issuer: ISSUER });
  await persistent.authProvider.clientInformation({ issuer: ISSUER });
  const headers = { authorization: `Basic ${btoa("stored:secret")}` };
  const call = { method: "POST", headers, body: "{}" };
  assertEquals((await persistent.fetch("https://mcp.example/mcp", call)).status, 503);
  const form = new URLSearchParams({ client_id: "stored" });
  await persistent.fetch(`${ISSUER}/token`, { method: "POST", body: form });
  // Another one was handed out since, but this one was rejected.
  await store.store("https://b.example", { client_id: "b", redirect_uris: [REDIRECT] });
  await persistent.authProvider.clientInformation({ issuer: "https://b.example" });
  await persistent.authProvider.invalidateCredentials("client");
  assertEquals([...(await store.list()).keys()], ["https://b.example"]);
});

test("a request that is not to an absolute URL is passed on as it is", async () => {
  const seen: unknown[] = [];
  const fetch = (url: string | URL) => {
    seen.push(url);
    return Promise.resolve(new Response("here"));
  };
  const persistent = withClientStore(new Provider(), openStore(), { fetch });
  const request = new Request("https://mcp.example/mcp");
  for (const url of ["/mcp", request as unknown as URL]) {
    assertEquals(await (await persistent.fetch(url, { method: "POST" })).text(), "here");
  }
  assertEquals(seen, ["/mcp", request]);
});

test("redirectUris that are undefined leave the provider's own in force", async () => {
  const store = await storeWith({ redirect_uris: ["http://127.0.0.1/elsewhere"] });
  const options = { redirectUris: undefined, issuer: ISSUER } as object;
  const { authProvider } = withClientStore(new Provider(), store, options);
  assertEquals(await authProvider.clientInformation({ issuer: ISSUER }), undefined);
});

test("a metadata document that has moved is that of the server that was asked", async () => {
  const moved = `${ISSUER}/oidc/.well-known/openid-configuration`;
  const fetch = (url: string | URL) =>
    Promise.resolve(
      String(url) === DOCUMENT
        ? new Response(null, { status: 302, headers: { location: moved } })
        : Response.json({ issuer: ISSUER, registration_endpoint: REGISTER }),
    );
  const persistent = withClientStore(new Provider(), await storeWith({}), { fetch });
  await persistent.fetch(DOCUMENT);
  await persistent.fetch(moved);
  assertEquals((await persistent.authProvider.clientInformation())?.issuer, ISSUER);
});

test("a server that does not know application_type is asked as the SDK would have asked it", async () => {
  const server = serverOf((body, count) =>
    body.application_type === undefined
      ? Response.json({ ...body, client_id: `client-${count}` }, { status: 201 })
      : Response.json({
        error: "invalid_client_metadata",
        error_description: "Unrecognized key: application_type",
      }, { status: 400 })
  );
  const { fetch } = withClientStore(new Provider(), openStore(), { fetch: server.fetch });
  await fetch(DOCUMENT);
  const answer = await fetch(REGISTER, post());
  assertEquals((await answer.json()).client_id, "client-2");
  assertEquals(server.requests, [{ ...metadata, application_type: "native" }, metadata]);
});

test("what one process was refused, the next one is told in the words of the server, without asking", async () => {
  const refusal = { error: "access_denied", error_description: "no new clients" };
  const server = serverOf(() => Response.json(refusal, { status: 403 }));
  const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
  for (let process = 0; process < 2; process++) {
    const { fetch } = withClientStore(new Provider(), openStore(runtime), { fetch: server.fetch });
    await fetch(DOCUMENT);
    const answer = await fetch(REGISTER, post());
    const { error, error_description } = await answer.json();
    assertEquals([answer.status, error], [403, "access_denied"]);
    assert(error_description.includes("no new clients"));
  }
  assertEquals(server.requests.length, 1);
  const { fetch } = withClientStore(new Provider(), openStore(runtime), {
    fetch: server.fetch,
    retry: true,
  });
  await fetch(DOCUMENT);
  assertEquals((await fetch(REGISTER, post())).status, 403);
  assertEquals(server.requests.length, 2);
});
