import { after, before, test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ClientInformation } from "@oauth2/client-store";
import {
  deregisterReplaced,
  readRegistration,
  register,
  RegistrationError,
  updateRegistration,
} from "@oauth2/client-store/registration";
import { startServer } from "../support/authorization_server.mjs";
import { inStore } from "../support/in_store.ts";
import { withOddServer } from "../support/odd_server.ts";

const METADATA = {
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "client_secret_basic",
};
const OTHER = ["http://127.0.0.1/other"];

type Server = Awaited<ReturnType<typeof startServer>>;
let rotating: Server;
before(async () => {
  rotating = await startServer({ ROTATE: "1" });
});
after(() => rotating.close());

/** A client that a server on this machine manages. */
const managed = (issuer: string, more: Record<string, unknown> = {}): ClientInformation => ({
  client_id: "x",
  registration_client_uri: `${issuer}/register/x`,
  registration_access_token: "t0ken",
  ...more,
});

test("updateRegistration() changes the registration at the server, and nothing else of it", async () => {
  const { issuer } = rotating;
  const client = await register(issuer, METADATA);
  const updated = await updateRegistration(client, { redirect_uris: OTHER }, { issuer });
  assertEquals(updated.redirect_uris, OTHER);
  assertEquals([updated.client_id, updated.client_secret], [
    client.client_id,
    client.client_secret,
  ]);
  assert(updated.registration_access_token !== client.registration_access_token);
  const read = await readRegistration(updated, { issuer });
  assertEquals({ ...read, registration_access_token: "" }, {
    ...updated,
    registration_access_token: "",
  });
});

test("a token that an update renews is kept at once by whoever asks through the store", async () => {
  const { issuer } = rotating;
  await inStore(async (store, open) => {
    const client = await store.getOrRegister(issuer, () => register(issuer, METADATA));
    const tokens = new Set([client.registration_access_token]);
    for (const redirect_uris of [OTHER, METADATA.redirect_uris, OTHER]) {
      // The client as it was at first: what the store knows counts.
      const updated = await updateRegistration(client, { redirect_uris }, { store, issuer });
      tokens.add(updated.registration_access_token);
      assertEquals(updated.redirect_uris, redirect_uris);
      assertEquals(await open().lookup(issuer), updated);
      assertEquals((await readRegistration(client, { store, issuer })).client_id, client.client_id);
    }
    assertEquals(tokens.size, 4);
    const error = await assertRejects(() => readRegistration(client), RegistrationError);
    assertEquals(error.status, 401);
  });
});

/** A server that takes each registration access token once. */
function takingTokensOnce() {
  let taken = 0;
  return ({ headers }: { headers: Record<string, unknown> }, issuer: string) => {
    if (headers.authorization !== `Bearer t${taken}`) return { status: 401 };
    taken++;
    return { body: managed(issuer, { registration_access_token: `t${taken}` }) };
  };
}

test("callers that start together do not burn each other's token", async () => {
  await withOddServer(takingTokensOnce(), async ({ issuer }) => {
    await inStore(async (store, open) => {
      const client = managed(issuer, { registration_access_token: "t0" });
      await store.store(issuer, client);
      for (let n = 0; n < 3; n++) {
        await Promise.all(
          [store, open(), store].map((store) => readRegistration(client, { store, issuer })),
        );
      }
      await readRegistration(client, { store, issuer });
      // Without the store it is burnt.
      await readRegistration((await store.lookup(issuer)) ?? client);
      await assertRejects(
        () => readRegistration(client, { store, issuer }),
        RegistrationError,
        "401",
      );
    });
  });
});

test("a replaced client is deleted with the token that was renewed last", async () => {
  const { issuer } = rotating;
  await inStore(async (store) => {
    const old = await store.getOrRegister(issuer, () => register(issuer, METADATA));
    await updateRegistration(old, { redirect_uris: OTHER }, { store, issuer });
    await store.getOrRegister(issuer, () => register(issuer, METADATA), { replace: old.client_id });
    const [gone] = await deregisterReplaced(store);
    assertEquals([gone?.client_id, gone?.outcome], [old.client_id, "deleted"]);
    assertEquals(await store.replaced(), []);
  });
});

test("what an answer leaves out is as it was before", async () => {
  const before = {
    client_secret: "s3cret",
    client_secret_expires_at: 0,
    client_id_issued_at: 1,
    scope: "a",
  };
  const answer = ({ method }: { method: string }) =>
    method === "GET" ? { body: { client_id: "x", scope: "b" } } : { body: { client_id: "x" } };
  await withOddServer(answer, async ({ issuer }) => {
    const client = managed(issuer, before);
    assertEquals(await readRegistration(client), { ...client, scope: "b" });
    const { scope: _, ...rest } = client;
    assertEquals(await updateRegistration(client, { scope: undefined }), rest);
  });
});

test("a client that has become public has no secret", async () => {
  const answer = () => ({ body: { client_id: "x", token_endpoint_auth_method: "none" } });
  await withOddServer(answer, async ({ issuer }) => {
    const client = managed(issuer, { client_secret: "s3cret", client_secret_expires_at: 0 });
    const changes = { token_endpoint_auth_method: "none" };
    assertEquals(await updateRegistration(client, changes), managed(issuer, changes));
  });
});

test("an update sends the whole registration, and what must not be sent back is not", async () => {
  const answer = ({ body }: { body: string }) => ({ body: JSON.parse(body) });
  await withOddServer(answer, async ({ issuer, asked }) => {
    const client = managed(issuer, {
      client_secret: "s3cret",
      client_secret_expires_at: 0,
      client_id_issued_at: 1,
      scope: "a",
      client_name: "me",
    });
    await updateRegistration(client, { scope: "a b", client_name: undefined, client_id: "y" });
    assertEquals(JSON.parse(asked[0]?.body ?? ""), {
      client_id: "x",
      client_secret: "s3cret",
      scope: "a b",
    });
    assertEquals([asked[0]?.method, asked[0]?.headers.authorization], ["PUT", "Bearer t0ken"]);
  });
});

test("an answer about another client, or about none, is refused", async () => {
  for (const body of [{ client_id: "y" }, {}, "<html>"]) {
    await withOddServer(() => ({ body }), async ({ issuer }) => {
      await assertRejects(
        () => readRegistration(managed(issuer)),
        RegistrationError,
        "the server answered with",
      );
    });
  }
});

test("a token that no header can hold, and a redirect, are not followed with it", async () => {
  const moved = () => ({ status: 307, headers: { location: "/elsewhere" } });
  await withOddServer(moved, async ({ issuer, asked }) => {
    for (const token of ["a\nb", "", "ä", "a b"]) {
      const client = managed(issuer, { registration_access_token: token });
      await assertRejects(() => readRegistration(client), TypeError, "registration_access_token");
    }
    assertEquals(asked.length, 0);
    await assertRejects(() => readRegistration(managed(issuer)), RegistrationError, "/elsewhere");
    assertEquals(asked.length, 1);
  });
});

test("deregisterReplaced() keeps who was not let in, and asks again; 410 and 202 are gone", async () => {
  for (
    const [status, outcome, kept, requests] of [
      [202, "deleted", 0, 1],
      [204, "deleted", 0, 1],
      [404, "not found", 0, 1],
      [410, "not found", 0, 1],
      [401, "unauthorized", 1, 2],
      [405, "not supported", 1, 1],
    ] as const
  ) {
    await withOddServer(() => ({ status }), async ({ issuer, asked }) => {
      await inStore(async (store) => {
        await store.store(issuer, managed(issuer));
        await store.store(issuer, { client_id: "new" });
        assertEquals((await deregisterReplaced(store)).map((one) => one.outcome), [outcome]);
        assertEquals((await store.replaced()).length, kept);
        const { all } = await store.registrations(issuer);
        const note = all.find(({ client }) => client.client_id === "x")?.notes?.deregistration;
        assertEquals(note, kept === 1 ? outcome : undefined);
        const again = kept === 1 ? [outcome] : [];
        assertEquals((await deregisterReplaced(store)).map((one) => one.outcome), again);
        assertEquals(asked.length, requests);
      });
    });
  }
});

test("deregisterReplaced() asks nobody at an unusable management URI", async () => {
  await inStore(async (store) => {
    const issuer = "https://evil.example";
    const asked: string[] = [];
    const fetch = (url: string) => {
      asked.push(url);
      return Promise.resolve(new Response(null, { status: 204 }));
    };
    for (const uri of ["not a URL", "http://evil.example/x", "http://127.0.0.1:9200/customers"]) {
      await store.store(issuer, managed(issuer, { client_id: uri, registration_client_uri: uri }));
    }
    await store.store(issuer, managed(issuer, { registration_access_token: "a\nb" }));
    await store.store(issuer, { client_id: "new" });
    const outcomes = (await deregisterReplaced(store, { fetch })).map(({ outcome }) => outcome);
    assertEquals(outcomes.length, 4);
    for (const outcome of outcomes) assert(outcome instanceof RegistrationError, `${outcome}`);
    assertEquals(asked, []);
  });
});
