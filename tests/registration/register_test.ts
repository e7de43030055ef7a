import { after, before, test } from "node:test";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import {
  deregister,
  deregisterReplaced,
  readRegistration,
  register,
  RegistrationError,
} from "@oauth2/client-store/registration";
import { startServer } from "../support/authorization_server.mjs";
import { realPlace } from "../support/places.ts";

const METADATA = {
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "client_secret_basic",
};

type Server = Awaited<ReturnType<typeof startServer>>;
let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.close());

/** Counts what the server registers while `trial` runs. */
async function counting(server: Server, trial: () => Promise<void>): Promise<number> {
  const before = (await server.count()).registrations;
  await trial();
  return (await server.count()).registrations - before;
}

async function inStore(
  trial: (store: ReturnType<typeof openClientStore>) => Promise<void>,
  now = Date.now,
): Promise<void> {
  const place = realPlace();
  try {
    await trial(openClientStore({ runtime: place.runtime, warn: () => {}, now }));
  } finally {
    place.end();
  }
}

test("register() registers, and the store gives the whole answer back", async () => {
  await inStore(async (store) => {
    const registrations = await counting(server, async () => {
      const get = () => store.getOrRegister(server.issuer, () => register(server.issuer, METADATA));
      const client = await get();
      assertEquals(client.redirect_uris, METADATA.redirect_uris);
      assertEquals(typeof client.registration_access_token, "string");
      assertEquals(await get(), client);
      assertEquals(await store.lookup(server.issuer), client);
      const read = await readRegistration(client);
      assertEquals([read.client_id, read.client_secret], [client.client_id, client.client_secret]);
    });
    assertEquals(registrations, 1);
  });
});

test("deregister() deletes at the server, and tells what is gone already", async () => {
  const client = await register(server.issuer, METADATA);
  assertEquals(await deregister(client), "deleted");
  assertEquals(await deregister(client), "unauthorized");
  const error = await assertRejects(() => readRegistration(client), RegistrationError);
  assertEquals(error.status, 401);
});

test("deregisterReplaced() leaves no orphans at the server", async () => {
  await inStore(async (store) => {
    const first = await store.getOrRegister(server.issuer, () => register(server.issuer, METADATA));
    const second = await store.getOrRegister(
      server.issuer,
      () => register(server.issuer, METADATA),
      { replace: first.client_id },
    );
    const gone = await deregisterReplaced(store);
    assertEquals(gone.map(({ client_id, outcome }) => [client_id, outcome]), [[
      first.client_id,
      "deleted",
    ]]);
    assertEquals(await store.replaced(), []);
    assertEquals((await readRegistration(second)).client_id, second.client_id);
  });
});

test("a secret that has expired is registered anew, once", async () => {
  const shortLived = await startServer({ SECRET_LIFETIME: "3600" });
  try {
    let now = Date.now();
    await inStore(async (store) => {
      const get = () =>
        store.getOrRegister(shortLived.issuer, () => register(shortLived.issuer, METADATA));
      const first = await get();
      assert((first.client_secret_expires_at ?? 0) > now / 1000);
      assertEquals(await get(), first);
      now += 3_550_000; // within the skew of a minute
      const again = await Promise.all([get(), get(), get()]);
      assertEquals(new Set(again.map((client) => client.client_id)).size, 1);
      assert(again[0]?.client_id !== first.client_id);
      assertEquals((await shortLived.count()).registrations, 2);
    }, () => now);
  } finally {
    await shortLived.close();
  }
});

test("a client that the server forgot is replaced once, however many notice", async () => {
  await inStore(async (store) => {
    const registrations = await counting(server, async () => {
      const dead = await store.getOrRegister(
        server.issuer,
        () => register(server.issuer, METADATA),
      );
      await server.forget();
      const error = await assertRejects(() => readRegistration(dead), RegistrationError);
      assertEquals(error.status, 401);
      const replace = dead.client_id;
      const clients = await Promise.all(
        Array.from(
          { length: 5 },
          () =>
            store.getOrRegister(server.issuer, () => register(server.issuer, METADATA), {
              replace,
            }),
        ),
      );
      assertEquals(new Set(clients.map((client) => client.client_id)).size, 1);
      assert(clients[0]?.client_id !== replace);
    });
    assertEquals(registrations, 2);
  });
});

test("a redirect URI that the registration does not cover is registered anew", async () => {
  await inStore(async (store) => {
    const get = (uri: string) => {
      const metadata = { ...METADATA, redirect_uris: [uri] };
      return store.getOrRegister(server.issuer, () => register(server.issuer, metadata), {
        redirectUris: [uri],
      });
    };
    const first = await get("http://127.0.0.1/callback");
    assertEquals((await get("http://127.0.0.1:4711/callback")).client_id, first.client_id);
    assert((await get("http://127.0.0.1/other")).client_id !== first.client_id);
  });
});

test("register() passes the server's error on", async () => {
  const metadata = { ...METADATA, redirect_uris: ["http://elsewhere.example/callback"] };
  const error = await assertRejects(() => register(server.issuer, metadata), RegistrationError);
  assertEquals([error.status, error.error], [400, "invalid_redirect_uri"]);
  assertMatch(error.error_description ?? "", /loopback/);
});

interface Answer {
  status: number;
  body?: unknown;
  /** Stops in the middle of an answer: the rest never comes, or the connection ends. */
  rest?: "late" | "lost";
}

/** A server on loopback that answers as the test says: what a well-behaved one never does. */
async function answering(
  answer: (path: string, issuer: string) => Answer,
  trial: (issuer: string) => Promise<void>,
): Promise<void> {
  const http = createServer((request, response) => {
    const { status, body, rest } = answer(request.url ?? "", issuer());
    if (rest !== undefined) {
      response.writeHead(status, { "content-length": "999" });
      response.write(`{"client_id": "x"`);
      if (rest === "lost") setTimeout(() => response.destroy(), 50);
      return;
    }
    response.writeHead(status, { "content-type": "application/json", connection: "close" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  });
  const issuer = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  try {
    await trial(issuer());
  } finally {
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  }
}

/** Publishes metadata, and answers everything else so. */
function metadataThen(answer: Answer): (path: string, issuer: string) => Answer {
  return (path, issuer) =>
    path.includes("well-known")
      ? { status: 200, body: { issuer, registration_endpoint: `${issuer}/reg` } }
      : answer;
}

test("register() falls back to OpenID Connect discovery", async () => {
  const answer = (path: string, issuer: string) => {
    if (path.startsWith("/.well-known/oauth-authorization-server")) return { status: 404 };
    if (path === "/.well-known/openid-configuration") {
      return { status: 200, body: { issuer, registration_endpoint: `${issuer}/reg` } };
    }
    return { status: 201, body: { client_id: "oidc" } };
  };
  await answering(answer, async (issuer) => {
    assertEquals(await register(issuer, METADATA), { client_id: "oidc" });
  });
});

test("register() refuses metadata of another issuer, and none", async () => {
  const other = () => ({
    status: 200,
    body: { issuer: "https://evil.example", registration_endpoint: "https://evil.example/reg" },
  });
  await answering(other, async (issuer) => {
    await assertRejects(
      () => register(issuer, METADATA),
      RegistrationError,
      'another issuer: if you trust it, use "https://evil.example"',
    );
  });
  await answering(() => ({ status: 404 }), async (issuer) => {
    await assertRejects(
      () => register(issuer, METADATA),
      RegistrationError,
      "publishes no metadata",
    );
  });
  await answering((_path, issuer) => ({ status: 200, body: { issuer } }), async (issuer) => {
    await assertRejects(
      () => register(issuer, METADATA),
      RegistrationError,
      "no registration_endpoint",
    );
  });
});

test("register() refuses http, unless it is on this machine or danger is asked for", async () => {
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.resolve(new Response(null, { status: 404 }));
  };
  const issuer = "http://auth.example";
  await assertRejects(() => register(issuer, METADATA, { fetch }), RegistrationError, "not https");
  assertEquals(requests, 0);
  const options = { fetch, dangerouslyAllowInsecureRequests: true };
  await assertRejects(() => register(issuer, METADATA, options), RegistrationError, "no metadata");
  assertEquals(requests, 2);
});

test("a registration endpoint without TLS is refused", async () => {
  const answer = (_path: string, issuer: string) => ({
    status: 200,
    body: { issuer, registration_endpoint: "http://auth.example/reg" },
  });
  await answering(answer, async (issuer) => {
    await assertRejects(() => register(issuer, METADATA), RegistrationError, "not https");
  });
});

test("register() says why the server cannot be reached, where the runtime does", async () => {
  const failing = (error: Error) => () => Promise.reject(error);
  const refused = Object.assign(new Error("canary"), { code: "ECONNREFUSED" });
  for (const error of [refused, new TypeError("fetch failed", { cause: refused })]) {
    const { message } = await assertRejects(
      () => register(server.issuer, METADATA, { fetch: failing(error) }),
      RegistrationError,
      "cannot be reached, or its answer broke off (ECONNREFUSED): check the network",
    );
    assert(!message.includes("canary"));
  }
  const unnamed = Object.assign(new Error("canary"), { code: "canary secret" });
  await assertRejects(
    () => register(server.issuer, METADATA, { fetch: failing(unnamed) }),
    RegistrationError,
    "broke off: check the network",
  );
});

test("register() ends with its signal", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertEquals(await assertRejects(() => register(server.issuer, METADATA, { signal })), reason);
});

test("a signal ends the wait for the rest of an answer, and a cut answer is called one", async () => {
  const managed = (issuer: string) => ({
    client_id: "x",
    registration_client_uri: `${issuer}/reg/x`,
    registration_access_token: "t",
  });
  for (const status of [200, 201, 400]) {
    const calls = [
      (issuer: string, options: object) => register(issuer, METADATA, options),
      (issuer: string, options: object) => readRegistration(managed(issuer), options),
    ];
    for (const call of calls) {
      await answering(metadataThen({ status, rest: "late" }), async (issuer) => {
        const reason = new Error("enough");
        const controller = new AbortController();
        setTimeout(() => controller.abort(reason), 100);
        const { signal } = controller;
        assertEquals(await assertRejects(() => call(issuer, { signal })), reason);
      });
      await answering(metadataThen({ status, rest: "lost" }), async (issuer) => {
        const error = await assertRejects(() => call(issuer, {}), RegistrationError);
        assertMatch(error.message, /broke off|refused with status/);
      });
    }
  }
});

test("register() refuses what is no metadata, and an answer without a client_id", async () => {
  for (const metadata of [undefined, null, [], "client"]) {
    await assertRejects(
      () => register(server.issuer, metadata as never),
      TypeError,
      "clientMetadata must be an object",
    );
  }
  await assertRejects(
    () => register(server.issuer, { client_name: 1n }),
    TypeError,
    "clientMetadata must hold no cycles",
  );
  await assertRejects(
    () => register(server.issuer, METADATA, { initialAccessToken: "a\nb" }),
    TypeError,
    "initialAccessToken must be",
  );
  const fetch = (url: string) =>
    Promise.resolve(Response.json(
      url.includes("well-known")
        ? { issuer: server.issuer, registration_endpoint: `${server.issuer}/reg` }
        : { client_id: "" },
    ));
  await assertRejects(
    () => register(server.issuer, METADATA, { fetch }),
    RegistrationError,
    "without a client_id",
  );
});

test("204, 401, 404 and 405 of the client configuration endpoint are told apart", async () => {
  for (
    const [status, outcome] of [[204, "deleted"], [401, "unauthorized"], [404, "not found"], [
      405,
      "not supported",
    ]] as const
  ) {
    await answering(() => ({ status }), async (issuer) => {
      const client = {
        client_id: "x",
        registration_client_uri: `${issuer}/reg/x`,
        registration_access_token: "t",
      };
      assertEquals(await deregister(client), outcome);
      if (status === 204) return;
      const error = await assertRejects(() => readRegistration(client), RegistrationError);
      assertEquals(error.status, status);
    });
  }
  await assertRejects(() => deregister({ client_id: "x" }), TypeError, "registration_client_uri");
});

test("deregisterReplaced() keeps what could not be deleted", async () => {
  await answering((path) => ({ status: path.endsWith("a") ? 405 : 500 }), async (issuer) => {
    await inStore(async (store) => {
      const uri = (id: string) => ({
        client_id: id,
        registration_client_uri: `${issuer}/${id}`,
        registration_access_token: "t",
      });
      for (const id of ["a", "b", "c"]) await store.store(issuer, uri(id));
      const [a, b] = await deregisterReplaced(store);
      assertEquals(a?.outcome, "not supported");
      assertInstanceOf(b?.outcome, RegistrationError);
      assertEquals((await store.replaced()).map(({ client }) => client.client_id), ["a", "b"]);
    });
  });
});
