import { after, before, test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { deregister, register, verifyClient } from "@oauth2/client-store/registration";
import { startServer } from "../support/authorization_server.mjs";
import { inStore } from "../support/in_store.ts";
import { type OddAnswer, registering, withOddServer } from "../support/odd_server.ts";

type Server = Awaited<ReturnType<typeof startServer>>;
let server: Server;
before(async () => {
  server = await startServer({ ROTATE: "1" });
});
after(() => server.close());

const redirect_uris = ["http://127.0.0.1/callback"];

test("verifyClient() tells a living client from a deleted one, however it authenticates", async () => {
  const { issuer } = server;
  for (const token_endpoint_auth_method of ["none", "client_secret_basic", "client_secret_post"]) {
    const client = await register(issuer, { redirect_uris, token_endpoint_auth_method });
    const { client_id, client_secret } = client;
    const bare = { client_id, ...(client_secret !== undefined && { client_secret }) };
    const plain = { ...bare, token_endpoint_auth_method };
    assertEquals(await verifyClient(issuer, plain), "alive");
    assertEquals(await verifyClient(issuer, bare), "alive");
    await inStore(async (store) => {
      await store.store(issuer, client);
      assertEquals(await verifyClient(issuer, client, { store }), "alive");
      const renewed = await store.lookup(issuer);
      await deregister(renewed ?? client, { issuer });
      assertEquals(await verifyClient(issuer, client, { store }), "dead");
    });
    assertEquals(await verifyClient(issuer, plain), "dead");
    assertEquals(await verifyClient(issuer, bare), "dead");
  }
});

test("a public client that the server gave a secret is alive without it", async () => {
  const { issuer } = server;
  const { client_id, client_secret = "", token_endpoint_auth_method } = await register(issuer, {
    redirect_uris,
  });
  assertEquals([token_endpoint_auth_method, client_secret === ""], ["none", false]);
  assertEquals(await verifyClient(issuer, { client_id, client_secret }), "alive");
});

test("where neither says it, nobody knows", async () => {
  const odd: OddAnswer[] = [
    { status: 401, body: { error: "invalid_token" } },
    { status: 400, body: { error: "unauthorized_client" } },
    { status: 400, body: { error: "invalid_request" } },
    { status: 403, body: { error: "invalid_client" } },
    { status: 429 },
    { status: 500, body: { error: "invalid_client" } },
    { status: 200, body: { access_token: "?" } },
    { status: 400, body: "invalid_client" },
    { status: 307, headers: { location: "https://auth.example/token" } },
  ];
  for (const answer of odd) {
    await withOddServer(registering(answer), async ({ issuer }) => {
      assertEquals(await verifyClient(issuer, { client_id: "x" }), "unknown");
    });
  }
  await withOddServer(() => undefined, async ({ issuer }) => {
    assertEquals(await verifyClient(issuer, { client_id: "x" }), "unknown");
    assertEquals(await verifyClient(issuer, { client_id: "x", client_secret: "s" }), "unknown");
  });
});

test("a refused registration access token is no proof: the token endpoint is asked", async () => {
  for (
    const [management, error, verdict] of [
      [401, "invalid_grant", "alive"],
      [401, "invalid_client", "dead"],
      [404, "invalid_grant", "alive"],
      [404, "invalid_request", "unknown"],
      [410, "invalid_grant", "dead"],
    ] as const
  ) {
    const answer = registering(({ path }) =>
      path === "/token" ? { status: 400, body: { error } } : { status: management }
    );
    await withOddServer(answer, async ({ issuer }) => {
      const client = {
        client_id: "x",
        registration_client_uri: `${issuer}/register/x`,
        registration_access_token: "t",
      };
      assertEquals(await verifyClient(issuer, client), verdict);
    });
  }
});

test("a client whose way to authenticate is not known is dead only if no way is taken", async () => {
  const answer = registering(({ headers }) => ({
    status: 400,
    body: { error: headers.authorization ? "invalid_client" : "invalid_grant" },
  }));
  await withOddServer(answer, async ({ issuer }) => {
    const client = { client_id: "x", client_secret: "s" };
    assertEquals(await verifyClient(issuer, client), "alive");
    const basic = { ...client, token_endpoint_auth_method: "client_secret_basic" };
    assertEquals(await verifyClient(issuer, basic), "dead");
    const jwt = { ...client, token_endpoint_auth_method: "private_key_jwt" };
    assertEquals(await verifyClient(issuer, jwt), "unknown");
  });
});

test("a server that looks at the code before the client is told by its revocation endpoint", async () => {
  for (
    const [isCodeFirst, isKnown, verdict] of [
      [true, true, "alive"],
      [true, false, "dead"],
      [false, true, "alive"],
    ] as const
  ) {
    const answer = registering(({ path, body }, issuer) => {
      if (path.startsWith("/.well-known")) return undefined;
      const isOurs = new URLSearchParams(body).get("client_id") === "x";
      if (path === "/revoke") {
        return isKnown && isCodeFirst
          ? { status: 400, body: { error: "invalid_request" } }
          : { status: 401, body: { error: "invalid_client" } };
      }
      const error = isCodeFirst || isOurs ? "invalid_grant" : "invalid_client";
      return { status: 400, body: { error, error_uri: issuer } };
    });
    const publishing: typeof answer = (asked, issuer) => {
      const { body, ...rest } = answer(asked, issuer) ?? {};
      const isMetadata = asked.path.startsWith("/.well-known");
      const more = isMetadata ? { revocation_endpoint: `${issuer}/revoke` } : {};
      return { ...rest, body: { ...Object(body), ...more } };
    };
    await withOddServer(publishing, async ({ issuer }) => {
      assertEquals(await verifyClient(issuer, { client_id: "x" }), verdict);
    });
  }
});

test("a token endpoint nearer to us than its issuer gets no secret", async () => {
  const issuer = "https://evil.example";
  const asked: string[] = [];
  const fetch = (url: string) => {
    asked.push(new URL(url).hostname);
    return Promise.resolve(Response.json({ issuer, token_endpoint: "http://127.0.0.1/token" }));
  };
  const client = { client_id: "x", client_secret: "s3cret" };
  assertEquals(await verifyClient(issuer, client, { fetch }), "unknown");
  assertEquals(asked, ["evil.example"]);
});

test("verifyClient() ends with its signal, and refuses what is no client", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const client = { client_id: "x" };
  assertEquals(await assertRejects(() => verifyClient(server.issuer, client, { signal })), reason);
  await assertRejects(() => verifyClient(server.issuer, {} as never), TypeError, "client_id");
  await assertRejects(() => verifyClient("auth.example", client), TypeError, "issuer");
});
