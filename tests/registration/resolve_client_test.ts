import { after, before, test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ClientStoreError } from "@oauth2/client-store";
import {
  register,
  RegistrationError,
  resolveClient,
  verifyClient,
} from "@oauth2/client-store/registration";
import { startServer } from "../support/authorization_server.mjs";
import { inStore } from "../support/in_store.ts";
import { registering, withOddServer } from "../support/odd_server.ts";

const clientMetadata = {
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "none",
};
const clientMetadataUrl = "https://program.example/client.json";
const DAY = 86_400_000;

type Server = Awaited<ReturnType<typeof startServer>>;
let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const refusingAll = () => Promise.reject(new Error("No request is due"));

/** A server that registers `client-1`, `client-2`, … */
function counting(more: Record<string, unknown> = {}) {
  let count = 0;
  return registering(({ path }) => {
    if (path === "/register") return { status: 201, body: { client_id: `client-${++count}` } };
    return { status: 400, body: { error: "invalid_client" } };
  }, more);
}

test("resolveClient() registers once, and makes no request for a client that is stored", async () => {
  const { issuer } = server;
  await inStore(async (store, open) => {
    const first = await resolveClient(store, issuer, { clientMetadata });
    assertEquals(first.source, "dcr");
    assertEquals(first.client.application_type, "native");
    for (const redirect_uri of ["http://127.0.0.1/callback", "http://127.0.0.1:4711/callback"]) {
      const again = await resolveClient(open(), issuer, {
        clientMetadata: { ...clientMetadata, redirect_uris: [redirect_uri] },
        fetch: refusingAll,
      });
      assertEquals(again, first);
    }
    const other = { ...clientMetadata, redirect_uris: ["http://127.0.0.1/other"] };
    const second = await resolveClient(store, issuer, { clientMetadata: other });
    assert(second.client.client_id !== first.client.client_id);
    const options = { clientMetadata, fetch: refusingAll };
    assertEquals(await resolveClient(store, issuer, options), first);
  });
});

test("resolveClient() replaces a client that the server has rejected, once", async () => {
  const { issuer } = server;
  await inStore(async (store, open) => {
    const { client } = await resolveClient(store, issuer, { clientMetadata });
    await server.forget();
    assertEquals(await verifyClient(issuer, client), "dead");
    const { registrations } = await server.count();
    const options = { clientMetadata, replace: client.client_id };
    const renewed = await Promise.all([1, 2, 3].map(() => resolveClient(open(), issuer, options)));
    assertEquals(new Set(renewed.map(({ client }) => client.client_id)).size, 1);
    assert(renewed[0]?.client.client_id !== client.client_id);
    assertEquals((await server.count()).registrations, registrations + 1);
    assertEquals(await verifyClient(issuer, renewed[0]?.client ?? client), "alive");
  });
});

test("a client that the user was given wins, and is never registered over", async () => {
  const given = { client_id: "given", redirect_uris: clientMetadata.redirect_uris };
  for (const isStored of [true, false]) {
    await withOddServer(counting(), async ({ issuer, asked }) => {
      await inStore(async (store) => {
        await store.store(issuer, { client_id: "older" });
        if (isStored) await store.store(issuer, given, { source: "pre-registered" });
        const preRegistered = isStored ? {} : { preRegistered: given };
        const ask = (more: object = {}) =>
          resolveClient(store, issuer, {
            clientMetadata,
            clientMetadataUrl,
            ...preRegistered,
            ...more,
          });
        assertEquals(await ask(), { client: given, source: "pre-registered" });
        for (
          const [more, what] of [
            [{ replace: "given" }, /was rejected/],
            [{ clientMetadata: { redirect_uris: ["http://127.0.0.1/x"] } }, /redirect_uris/],
            [{ accept: () => false }, /accept/],
          ] as const
        ) {
          const error = await assertRejects(() => ask(more), ClientStoreError);
          assertEquals(error.code, "ERR_PRE_REGISTERED");
          assertMatch(error.message, what);
          assertMatch(error.message, /never registered over/);
        }
        assertEquals((await ask()).client, given);
        assertEquals(asked, []);
      });
    });
  }
});

test("a client that the user was given and that has expired is an error that says so", async () => {
  await inStore(async (store) => {
    const preRegistered = { client_id: "x", client_secret: "s", client_secret_expires_at: 1 };
    await assertRejects(
      () => resolveClient(store, server.issuer, { clientMetadata: {}, preRegistered }),
      ClientStoreError,
      "has expired",
    );
  });
});

const taking = { client_id_metadata_document_supported: true };
const document = { client: { client_id: clientMetadataUrl }, source: "cimd" };

test("the URL of a document is the client where the server takes it, and is not stored", async () => {
  await withOddServer(counting(taking), async ({ issuer, requests }) => {
    await inStore(async (store, open) => {
      const options = { clientMetadata, clientMetadataUrl };
      assertEquals(await resolveClient(store, issuer, options), document as never);
      assertEquals(requests(), ["GET /.well-known/oauth-authorization-server"]);
      assertEquals(await open().lookup(issuer), undefined);
      assertEquals([...(await open().list()).keys()], []);
      // What is remembered is that the server takes it.
      const again = await resolveClient(open(), issuer, { ...options, fetch: refusingAll });
      assertEquals(again, document as never);
    });
  });
});

test("a server that takes no document gets a registration, and is not asked again", async () => {
  await withOddServer(counting(), async ({ issuer, asked }) => {
    await inStore(async (store, open) => {
      const options = { clientMetadata, clientMetadataUrl };
      const { client, source } = await resolveClient(store, issuer, options);
      assertEquals([client.client_id, source], ["client-1", "dcr"]);
      assertEquals(asked.length, 2);
      await resolveClient(open(), issuer, { ...options, fetch: refusingAll });
      await store.remove(issuer);
      assertEquals((await resolveClient(open(), issuer, options)).client.client_id, "client-2");
    });
  });
});

test("a document that the server has rejected is left alone for a day", async () => {
  await withOddServer(counting(taking), async ({ issuer }) => {
    await inStore(async (store, open) => {
      const options = { clientMetadata, clientMetadataUrl };
      await resolveClient(store, issuer, options);
      const rejected = { ...options, replace: clientMetadataUrl };
      const { client, source } = await resolveClient(store, issuer, rejected);
      assertEquals([client.client_id, source], ["client-1", "dcr"]);
      const meanwhile = await resolveClient(open(), issuer, { ...options, fetch: refusingAll });
      assertEquals(meanwhile.client.client_id, "client-1");
      const other = "https://program.example/other.json";
      const another = { ...options, clientMetadataUrl: other, fetch: refusingAll };
      assertEquals((await resolveClient(open(), issuer, another)).client.client_id, other);
      // A day later.
      const { notes } = await store.registrations(issuer);
      const rejected_at = Object(notes.documents)[clientMetadataUrl].rejected_at;
      assert(Math.abs(rejected_at - Date.now()) < 60_000);
      const before = { [clientMetadataUrl]: { rejected_at: rejected_at - DAY } };
      await store.note(issuer, { documents: before });
      const later = await resolveClient(open(), issuer, { ...options, fetch: refusingAll });
      assertEquals(later, document as never);
    });
  });
});

test("a registered client that a program still needs goes before the document", async () => {
  await withOddServer(counting(taking), async ({ issuer }) => {
    await inStore(async (store) => {
      await store.store(issuer, { client_id: "old" });
      const options = { clientMetadata, clientMetadataUrl };
      // What the server takes is not known: a stored client needs no request.
      const known = await resolveClient(store, issuer, { ...options, fetch: refusingAll });
      assertEquals(known.client.client_id, "old");
      const none = { ...options, accept: () => false };
      assertEquals(await resolveClient(store, issuer, none), document as never);
      assertEquals(await resolveClient(store, issuer, options), document as never);
      const bound = (client_id: string) => (client: { client_id: string }) =>
        client.client_id === client_id;
      const old = await resolveClient(store, issuer, { ...options, accept: bound("old") });
      assertEquals([old.client.client_id, old.source], ["old", "dcr"]);
      const gone = await resolveClient(store, issuer, { ...options, accept: bound("gone") });
      assertEquals(gone, document as never);
    });
  });
});

test("a registered client that was rejected gives way to the document", async () => {
  await withOddServer(counting(taking), async ({ issuer }) => {
    for (const isKnown of [false, true]) {
      await inStore(async (store, open) => {
        const options = { clientMetadata, clientMetadataUrl };
        if (isKnown) await resolveClient(store, issuer, options);
        await store.store(issuer, { client_id: "old" });
        const rejected = { ...options, replace: "old" };
        assertEquals(await resolveClient(store, issuer, rejected), document as never);
        assertEquals(await open().lookup(issuer), undefined);
      });
    }
  });
});

test("a refused request is not repeated until it is another one, or retried", async () => {
  const refused = { status: 401, body: { error: "invalid_token" } };
  const answer = registering(({ headers }) =>
    headers.authorization === "Bearer t0ken" ? { status: 201, body: { client_id: "x" } } : refused
  );
  await withOddServer(answer, async ({ issuer, asked }) => {
    await inStore(async (store, open) => {
      const ask = (more: object = {}) => resolveClient(open(), issuer, { clientMetadata, ...more });
      await assertRejects(() => ask(), RegistrationError, "initialAccessToken");
      const { message, retryAfter = 0 } = await assertRejects(() => ask(), RegistrationError);
      assertMatch(message, /invalid_token.*nothing is sent before .*Z: pass retry: true/);
      assert(3590 < retryAfter && retryAfter <= 3600);
      assertEquals(asked.length, 2);
      await assertRejects(() => ask({ retry: true }), RegistrationError);
      assertEquals(asked.length, 4);
      assertEquals((await ask({ initialAccessToken: "t0ken" })).client.client_id, "x");
      const { notes } = await store.registrations(issuer);
      assert(!JSON.stringify(notes).includes("t0ken"));
    });
  });
});

test("a protected registration endpoint takes an initial access token", async () => {
  const protectedServer = await startServer({ INITIAL_ACCESS_TOKEN: "in1tial" });
  try {
    const { issuer } = protectedServer;
    await assertRejects(() => register(issuer, clientMetadata), RegistrationError, "initialAccess");
    await inStore(async (store) => {
      const initialAccessToken = "in1tial";
      const { source } = await resolveClient(store, issuer, { clientMetadata, initialAccessToken });
      assertEquals(source, "dcr");
    });
  } finally {
    await protectedServer.close();
  }
});

test("resolveClient() refuses arguments that mean nothing, before it asks anybody", async () => {
  await inStore(async (store) => {
    for (
      const [options, what] of [
        [{}, "clientMetadata must be an object"],
        [
          { clientMetadata: { redirect_uris: "http://127.0.0.1" } },
          "clientMetadata.redirect_uris must be",
        ],
        [
          { clientMetadata: {}, clientMetadataUrl: "http://a.example/x" },
          "clientMetadataUrl must be",
        ],
        [
          { clientMetadata: {}, clientMetadataUrl: "https://a.example" },
          "clientMetadataUrl must be",
        ],
        [{ clientMetadata: {}, preRegistered: {} }, "preRegistered"],
        [{ clientMetadata: {}, initialAccessToken: "a b" }, "initialAccessToken must be"],
      ] as const
    ) {
      const all = { ...options, fetch: refusingAll };
      await assertRejects(() => resolveClient(store, server.issuer, all as never), TypeError, what);
    }
  });
});
