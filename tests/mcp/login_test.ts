import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ClientStore, openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import {
  auth,
  browse,
  KeepingProvider,
  type Line,
  LINES,
  logIn,
  Provider,
} from "../support/mcp_flows.ts";
import {
  type Behaviour,
  type Running,
  startAuthorizationServer,
  startResource,
} from "../support/mcp_servers.ts";

interface Trial {
  line: Line;
  server: Running;
  /** The MCP server. */
  serverUrl: string;
  store: ClientStore;
  /** A run of a program: a login with this provider; resolves to the client of the browser. */
  run(provider: Provider): Promise<string | null | undefined>;
}

/** States a behaviour, and tries it with both lines of the SDK. */
function behaves(
  name: string,
  behaviour: Behaviour,
  trial: (trial: Trial) => Promise<void>,
): void {
  for (const line of LINES) {
    test(`${name} (${line})`, async () => {
      const server = await startAuthorizationServer(behaviour);
      const resource = await startResource(server.origin);
      const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
      const store = openClientStore({ runtime, warn: () => {} });
      const run = async (provider: Provider) => {
        const { authProvider, fetch } = withClientStore(provider, store);
        return await logIn(line, provider, authProvider, {
          serverUrl: resource.url,
          fetchFn: fetch,
        });
      };
      try {
        await trial({ line, server, serverUrl: resource.url, store, run });
      } finally {
        await resource.close();
        await server.close();
      }
    });
  }
}

const port = (number: number) => `http://127.0.0.1:${number}/callback`;
const URL_CLIENT = "https://app.example/client.json";
const takingDocuments: Behaviour["document"] = (document) => ({
  ...document,
  client_id_metadata_document_supported: true,
});

behaves("a provider's own client is handed on, and nothing is registered", {
  clients: { own: "s3cr3t" },
}, async ({ server, run, store }) => {
  const provider = new KeepingProvider();
  provider.client = { client_id: "own", client_secret: "s3cr3t" };
  assertEquals(await run(provider), "own");
  assertEquals(provider.saved?.access_token, "token of own");
  assertEquals(server.registrations.length, 0);
  assertEquals((await store.list()).size, 0);
  assertEquals(provider.client?.issuer?.replace(/\/$/, ""), server.origin);
});

behaves("a provider that cannot save a client uses its own one as it does without a memory", {
  clients: { own: "s3cr3t" },
}, async ({ server, line, serverUrl, store }) => {
  for (const issuer of [undefined, server.origin, "https://elsewhere.example"]) {
    const client = { client_id: "own", client_secret: "s3cr3t", ...(issuer && { issuer }) };
    const provider = Object.assign(new Provider(), { clientInformation: () => client });
    const { authProvider, fetch } = withClientStore(provider, store);
    const flow = () => logIn(line, provider, authProvider, { serverUrl, fetchFn: fetch });
    if (issuer?.includes("elsewhere")) await assertRejects(flow, Error, "elsewhere.example");
    else assertEquals(await flow(), "own");
  }
  assertEquals(server.registrations.length, 0);
});

behaves("a provider that cannot save a client uses its own one, whatever the store knows of it", {
  clients: { own: "rotated" },
}, async ({ server, line, serverUrl, store }) => {
  const { origin } = server;
  const state: (() => Promise<unknown>)[] = [
    () => store.store(origin, { client_id: "own", client_secret: "old" }),
    () => store.remove(origin),
    () => store.store(origin, { client_id: "own", redirect_uris: ["https://other.example/"] }),
    () =>
      store.store(origin, { client_id: "own", client_secret: "old", client_secret_expires_at: 1 }),
    () =>
      store.store(origin, { client_id: "own", client_secret: "old" }, { source: "pre-registered" }),
  ];
  for (const change of state) {
    await change();
    const client = { client_id: "own", client_secret: "rotated" };
    const provider = Object.assign(new Provider(), { clientInformation: () => client });
    const { authProvider, fetch } = withClientStore(provider, store);
    const flow = logIn(line, provider, authProvider, { serverUrl, fetchFn: fetch });
    assertEquals(await flow, "own", change.toString());
    assertEquals(provider.saved?.access_token, "token of own");
  }
  assertEquals(server.registrations.length, 0);
});

behaves("a client that a provider has kept before is adopted, with its refresh token", {
  clients: { kept: undefined },
}, async ({ server, line, serverUrl, store, run }) => {
  const provider = new KeepingProvider("http://localhost:1234/callback");
  provider.client = { client_id: "kept", redirect_uris: [port(8912)], issuer: server.origin };
  provider.saved = {
    access_token: "old",
    token_type: "Bearer",
    refresh_token: "refresh kept",
    issuer: server.origin,
  };
  const { authProvider, fetch } = withClientStore(provider, store);
  assertEquals(await auth(line, authProvider, { serverUrl, fetchFn: fetch }), "AUTHORIZED");
  assertEquals(server.tokenRequests.map(({ grant }) => grant), ["refresh_token"]);
  assertEquals((await store.lookup(server.origin))?.client_id, "kept");
  // And whoever keeps no client finds it.
  assertEquals(await run(new Provider()), "kept");
  assertEquals(server.registrations.length, 0);
});

behaves("a provider is told of the client that the store has for it", {}, async (trial) => {
  await trial.run(new Provider());
  const provider = new KeepingProvider();
  assertEquals(await trial.run(provider), "client-1");
  assertEquals(provider.clientInformation()?.client_id, "client-1");
  assertEquals(trial.server.registrations.length, 1);
});

behaves(
  "a client that another program has removed is not given again from a provider's memory",
  {},
  async ({
    line,
    server,
    serverUrl,
    store,
  }) => {
    const provider = new KeepingProvider();
    const { authProvider, fetch } = withClientStore(provider, store);
    const run = () => logIn(line, provider, authProvider, { serverUrl, fetchFn: fetch });
    assertEquals(await run(), "client-1");
    await store.remove(server.origin);
    provider.saved = undefined;
    assertEquals(await run(), "client-2");
    assertEquals(provider.clientInformation()?.client_id, "client-2");
  },
);

behaves(
  "programs with clients of their own at one server keep their refresh tokens",
  { registered: (answer) => ({ ...answer, scope: answer.scope ?? "none" }) },
  async ({ line, run, server, serverUrl, store }) => {
    const provider = (scope: string) => new Provider(undefined, { scope });
    const [one, two] = [provider("a"), provider("b")];
    assertEquals([await run(one), await run(two)], ["client-1", "client-2"]);
    for (const [own, client] of [[one, "client-1"], [two, "client-2"]] as const) {
      const { authProvider, fetch } = withClientStore(own, store);
      assertEquals(await auth(line, authProvider, { serverUrl, fetchFn: fetch }), "AUTHORIZED");
      assertEquals(server.tokenRequests.at(-1)?.client_id, client);
    }
    assertEquals(server.registrations.length, 2);
  },
);

behaves("a document comes before a stored client, and a pre-registered client before a document", {
  document: takingDocuments,
  clients: { [URL_CLIENT]: undefined, given: undefined },
}, async ({ run, store, server }) => {
  const withDocument = () => Object.assign(new Provider(), { clientMetadataUrl: URL_CLIENT });
  assertEquals(await run(new Provider()), "client-1");
  const provider = withDocument();
  assertEquals(await run(provider), URL_CLIENT);
  assertEquals(provider.saved?.access_token, `token of ${URL_CLIENT}`);
  await store.store(server.origin, { client_id: "given" }, { source: "pre-registered" });
  assertEquals(await run(withDocument()), "given");
  assertEquals(server.registrations.length, 1);
});

behaves("a refresh token is used by the stored client that it is bound to, document or not", {
  document: takingDocuments,
  clients: { [URL_CLIENT]: undefined },
}, async ({ run, line, server, serverUrl, store }) => {
  const provider = Object.assign(new Provider(), {
    clientMetadataUrl: undefined as string | undefined,
  });
  await run(provider);
  provider.clientMetadataUrl = URL_CLIENT;
  const { authProvider, fetch } = withClientStore(provider, store);
  assertEquals(await auth(line, authProvider, { serverUrl, fetchFn: fetch }), "AUTHORIZED");
  assertEquals(server.tokenRequests.at(-1)?.client_id, "client-1");
  provider.saved = undefined;
  assertEquals(await run(provider), URL_CLIENT);
  // From now on the document has the refresh token.
  assertEquals(await auth(line, authProvider, { serverUrl, fetchFn: fetch }), "AUTHORIZED");
  assertEquals(server.tokenRequests.at(-1)?.client_id, URL_CLIENT);
});

behaves("the code of a document's login is redeemed in another process", {
  document: takingDocuments,
  clients: { [URL_CLIENT]: undefined },
}, async ({ line, server, serverUrl, store }) => {
  const provider = Object.assign(new Provider(), { clientMetadataUrl: URL_CLIENT });
  await store.store(server.origin, { client_id: "stored", redirect_uris: [port(8912)] });
  const process = () => {
    const { authProvider, fetch: fetchFn } = withClientStore(provider, store);
    return { authProvider, options: { serverUrl, fetchFn } };
  };
  const first = process();
  assertEquals(await auth(line, first.authProvider, first.options), "REDIRECT");
  const second = process();
  const options = { ...second.options, authorizationCode: "code" };
  assertEquals(await auth(line, second.authProvider, options), "AUTHORIZED");
  assertEquals(server.tokenRequests.at(-1)?.client_id, URL_CLIENT);
});

behaves("a document that the server rejects falls back to registration, once", {
  document: takingDocuments,
  clients: { [URL_CLIENT]: undefined },
  rejects: (client_id) => client_id === URL_CLIENT,
}, async ({ line, server, serverUrl, run, store }) => {
  const withDocument = () => Object.assign(new Provider(), { clientMetadataUrl: URL_CLIENT });
  await run(withDocument()).catch(() => {}); // the code is spent with the rejection
  for (let n = 0; n < 2; n++) {
    const provider = withDocument();
    const { authProvider, fetch } = withClientStore(provider, store);
    await logIn(line, provider, authProvider, { serverUrl, fetchFn: fetch });
    assertEquals(provider.saved?.access_token, "token of client-1");
  }
  assertEquals(server.registrations.length, 1);
});

behaves("a changed port locks nobody out of a server that compares ports exactly", {
  exactPorts: true,
}, async ({ run, server }) => {
  const came = async (number: number) => {
    const provider = new Provider(port(number));
    await run(provider);
    return provider.saved?.access_token;
  };
  assertEquals(await came(1001), "token of client-1");
  assertEquals(await came(1002), undefined); // nobody knows yet how this server compares
  assertEquals(await came(1002), "token of client-2");
  assertEquals(await came(1003), "token of client-3"); // now it is known
  assertEquals(await came(1001), "token of client-1");
  assertEquals(server.registrations.length, 3);
});

behaves("a server that takes any port is asked to register once, whatever the port", {}, async ({
  run,
  server,
}) => {
  for (const number of [1001, 1002, 1003, 1002]) {
    const provider = new Provider(port(number));
    await run(provider);
    assertEquals(provider.saved?.access_token, "token of client-1");
  }
  assertEquals(server.registrations.length, 1);
});

const stricter: { exactPorts?: boolean } = {};
behaves("a server that takes any port no longer locks nobody out", stricter, async ({
  run,
  server,
}) => {
  const came = async (number: number) => {
    const provider = new Provider(port(number));
    await run(provider);
    return provider.saved?.access_token;
  };
  stricter.exactPorts = false;
  assertEquals([await came(1001), await came(1002)], Array(2).fill("token of client-1"));
  stricter.exactPorts = true;
  let failed = 0;
  while (failed < 9 && await came(2000 + failed) === undefined) failed++;
  assertEquals([failed, server.registrations.length], [3, 2]);
  // It is looked at anew whether it does: at worst one more login fails.
  assertEquals([await came(3001), await came(3001)], [undefined, "token of client-3"]);
  assertEquals([await came(3002), await came(1001)], ["token of client-4", "token of client-1"]);
  stricter.exactPorts = false;
});

behaves(
  "logins that the user gives up time and again do not spoil what is known of a server",
  {},
  async ({
    line,
    run,
    server,
    serverUrl,
    store,
  }) => {
    for (const number of [1001, 1002]) await run(new Provider(port(number)));
    for (const number of [1003, 1004, 1005, 1006]) {
      const { authProvider, fetch } = withClientStore(new Provider(port(number)), store);
      await auth(line, authProvider, { serverUrl, fetchFn: fetch });
    }
    for (const number of [1006, 1007, 1008, 1009]) await run(new Provider(port(number)));
    assertEquals(server.registrations.length, 2);
  },
);

behaves("a login that the user gives up once does not spoil what is known of a server", {}, async ({
  line,
  run,
  server,
  serverUrl,
  store,
}) => {
  await run(new Provider(port(1001)));
  await run(new Provider(port(1002)));
  const provider = new Provider(port(1003));
  const { authProvider, fetch } = withClientStore(provider, store);
  await auth(line, authProvider, { serverUrl, fetchFn: fetch });
  assertEquals(await run(new Provider(port(1004))), "client-1");
  assertEquals(server.registrations.length, 1);
});

behaves("a registration says what kind of application it is for", {}, async ({ run, server }) => {
  await run(new Provider());
  assertEquals(server.registrations[0]?.application_type, "native");
});

behaves("an answer with members that make no sense can be read, and nothing is lost of it", {
  registered: (answer) => ({
    ...answer,
    contacts: null,
    client_uri: "",
    logo_uri: null,
    redirect_uris: null,
    scope: null,
    client_id_issued_at: "2026-01-01T00:00:00Z",
    software_version: "7",
    x_own: { kept: true },
  }),
}, async ({ run, server, store }) => {
  for (let n = 0; n < 2; n++) {
    const provider = new Provider();
    assertEquals(await run(provider), "client-1");
    assertEquals(provider.saved?.access_token, "token of client-1");
  }
  const stored = await store.lookup(server.origin);
  assertEquals([stored?.software_version, stored?.x_own], ["7", { kept: true }]);
  assertEquals(server.registrations.length, 1);
});

behaves("a client that the token endpoint rejects is not given again, even where nobody says so", {
  rejects: (client_id) => client_id === "client-1",
}, async ({ line, server, serverUrl, store }) => {
  const provider = Object.assign(new Provider(), { invalidateCredentials: undefined as never });
  const { authProvider, fetch } = withClientStore(provider, store);
  const options = { serverUrl, fetchFn: fetch };
  await auth(line, authProvider, options);
  assert(await browse(provider.visited.at(-1)));
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: "client-1" });
  await fetch(`${server.origin}/token`, { method: "POST", body });
  assertEquals(await store.lookup(server.origin), undefined);
  assertEquals(await logIn(line, provider, authProvider, options), "client-2");
});

behaves("a flow without the fetch fails before it registers, and says what is missing", {}, async ({
  line,
  server,
  serverUrl,
  store,
}) => {
  const { authProvider } = withClientStore(new Provider(), store);
  await assertRejects(() => auth(line, authProvider, { serverUrl }), TypeError, "pass the fetch");
  assertEquals(server.registrations.length, 0);
});

behaves(
  "a flow without the fetch does with the issuer, or with what was discovered before",
  {},
  async ({
    line,
    server,
    serverUrl,
    store,
  }) => {
    const named = new Provider();
    const byIssuer = withClientStore(named, store, { issuer: server.origin });
    assertEquals(await logIn(line, named, byIssuer.authProvider, { serverUrl }), "client-1");
    let state: object | undefined;
    const keeping = Object.assign(new Provider(), {
      discoveryState: () => state,
      saveDiscoveryState: (discovered: object) => void (state = discovered),
    });
    const byState = withClientStore(keeping, store);
    assertEquals(await logIn(line, keeping, byState.authProvider, { serverUrl }), "client-1");
    assertEquals(server.registrations.length, 1);
  },
);

behaves(
  "without the fetch, too, a server that takes any port is asked to register once",
  {},
  async ({
    line,
    server,
    serverUrl,
    store,
  }) => {
    for (const number of [1001, 1002, 1003]) {
      const provider = new Provider(port(number));
      const { authProvider } = withClientStore(provider, store, { issuer: server.origin });
      await logIn(line, provider, authProvider, { serverUrl });
      assertEquals(provider.saved?.access_token, "token of client-1");
    }
    assertEquals(server.registrations.length, 1);
  },
);

behaves("without the fetch, too, a changed port locks nobody out", { exactPorts: true }, async ({
  line,
  server,
  serverUrl,
  store,
}) => {
  const came = async (number: number) => {
    const provider = new Provider(port(number));
    const { authProvider } = withClientStore(provider, store, { issuer: server.origin });
    await logIn(line, provider, authProvider, { serverUrl });
    return provider.saved?.access_token;
  };
  assertEquals(await came(1001), "token of client-1");
  assertEquals(await came(1002), undefined);
  assertEquals(await came(1002), "token of client-2");
  assertEquals(await came(1003), "token of client-3");
  assertEquals(server.registrations.length, 3);
});

behaves(
  "without the fetch, too, a refresh token is used by the client that it was issued to",
  {},
  async ({
    line,
    server,
    serverUrl,
    store,
  }) => {
    const paths = ["one", "two"].map((path) => `http://127.0.0.1:8912/${path}`);
    const wrapped = (provider: Provider) =>
      withClientStore(provider, store, { issuer: server.origin }).authProvider;
    const logged = paths.map((url) => new Provider(url));
    for (const provider of logged) await logIn(line, provider, wrapped(provider), { serverUrl });
    for (const [at, { saved }] of logged.entries()) {
      const moved = Object.assign(new Provider(paths[1 - at]), { saved });
      assertEquals(await auth(line, wrapped(moved), { serverUrl }), "AUTHORIZED");
    }
    const refreshes = server.tokenRequests.filter(({ grant }) => grant === "refresh_token");
    assertEquals(refreshes.map(({ client_id }) => client_id), ["client-1", "client-2"]);
  },
);

behaves("without the fetch, no address is asked that is only guessed", {
  registered: (answer) => ({ ...answer, scope: answer.scope ?? "none" }),
}, async ({ line, server, serverUrl, store }) => {
  for (const scope of ["a", "b"]) {
    const provider = new Provider(undefined, { scope });
    const { authProvider } = withClientStore(provider, store, { issuer: server.origin });
    assertEquals(await logIn(line, provider, authProvider, { serverUrl }), "client-1");
  }
  assertEquals(server.registrations.length, 1);
});

behaves(
  "a changed port locks nobody out of a process that tries again",
  { exactPorts: true },
  async ({
    line,
    run,
    server,
    serverUrl,
    store,
  }) => {
    await run(new Provider(port(1001)));
    const provider = new Provider(port(1002));
    const { authProvider, fetch } = withClientStore(provider, store);
    const again = () => logIn(line, provider, authProvider, { serverUrl, fetchFn: fetch });
    assertEquals([await again(), await again()], ["client-1", "client-2"]);
    assertEquals(provider.saved?.access_token, "token of client-2");
    assertEquals(server.registrations.length, 2);
  },
);

behaves("a pre-registered client that does not fit is an error, and no reason for a document", {
  document: takingDocuments,
}, async ({ run, server, store }) => {
  const given = { client_id: "given", redirect_uris: ["https://app.example/callback"] };
  await store.store(server.origin, given, { source: "pre-registered" });
  const provider = Object.assign(new Provider(), { clientMetadataUrl: URL_CLIENT });
  await assertRejects(() => run(provider), Error, "pre-registered");
  assertEquals([server.registrations.length, provider.visited.length], [0, 0]);
});

behaves("what a user of the SDK adds to a client is kept, and nothing else is written", {
  registered: (answer) => ({ ...answer, redirect_uris: null }),
}, async ({ line, run, server, serverUrl, store }) => {
  await run(new Provider());
  assertEquals((await store.lookup(server.origin))?.redirect_uris, undefined);
  const { authProvider, fetch } = withClientStore(new Provider(), store);
  await auth(line, authProvider, { serverUrl, fetchFn: fetch });
  const context = { issuer: server.origin };
  const client = await authProvider.clientInformation(context);
  const pinned = { ...client, client_id: "client-1", token_endpoint: `${server.origin}/token` };
  await authProvider.saveClientInformation?.(pinned, context);
  assertEquals((await store.lookup(server.origin))?.token_endpoint, `${server.origin}/token`);
  assertEquals(server.registrations.length, 1);
});

behaves(
  "a program whose MCP server moves to another authorization server has a client at each",
  {},
  async ({
    line,
    server,
    store,
  }) => {
    const second = await startAuthorizationServer();
    let named = server.origin;
    const resource = await startResource(() => named);
    try {
      for (const provider of [new KeepingProvider(), new Provider()]) {
        const { authProvider, fetch } = withClientStore(provider, store);
        const options = { serverUrl: resource.url, fetchFn: fetch };
        for (const { origin } of [server, second, server]) {
          named = origin;
          await logIn(line, provider, authProvider, options);
          assertEquals(provider.saved?.issuer?.replace(/\/$/, ""), origin);
        }
      }
      assertEquals([server.registrations.length, second.registrations.length], [1, 1]);
      for (const { tokenRequests } of [server, second]) {
        // No token of one server has been shown to the other one.
        assert(tokenRequests.every(({ grant }) => grant === "authorization_code"));
      }
    } finally {
      await resource.close();
      await second.close();
    }
  },
);
