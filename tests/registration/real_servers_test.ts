import { after, before, test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { RegistrationError, resolveClient, verifyClient } from "@oauth2/client-store/registration";
import { missingServers, startServer } from "../support/authorization_server.mjs";
import { holds } from "../support/canary.ts";
import { inStore } from "../support/in_store.ts";

type Server = Awaited<ReturnType<typeof startServer>>;
const missing = missingServers();
const initialAccessToken = "canary-initial-access-token";
const wanted: { [label: string]: [name: string, env: { [name: string]: string }] } = {
  "better-auth": ["better-auth", {}],
  "workers-oauth-provider": ["workers-oauth-provider", {}],
  "closed": ["better-auth", { INITIAL_ACCESS_TOKEN: initialAccessToken }],
};
const servers = new Map<string, Server>();
const started = (label: string): Server => {
  const server = servers.get(label);
  assert(server);
  return server;
};

before(async () => {
  await Promise.all(
    Object.entries(wanted).map(async ([label, [name, env]]) => {
      if (!missing.includes(name)) servers.set(label, await startServer(env, name));
    }),
  );
});
after(() => Promise.all([...servers.values()].map((server) => server.close())));

const native = {
  client_name: "my-tool",
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "none",
};
const web = { client_name: "my-site", redirect_uris: ["https://program.example/callback"] };
const kinds = {
  "the native public client of the README": native,
  "a web client that says nothing of its authentication": web,
  "a web client with its secret in the body": {
    ...web,
    token_endpoint_auth_method: "client_secret_post",
  },
};
const refusingAll = () => Promise.reject(new Error("No request is due"));

for (const name of ["better-auth", "workers-oauth-provider"]) {
  const skip = missing.includes(name);
  for (const [kind, clientMetadata] of Object.entries(kinds)) {
    test(`${name} registers ${kind} once in three runs`, { skip }, async () => {
      const server = started(name);
      const { issuer } = server;
      const { registrations } = await server.count();
      await inStore(async (store, open) => {
        const first = await resolveClient(store, issuer, { clientMetadata });
        assertEquals(first.source, "dcr");
        const isPublic = clientMetadata === native;
        assertEquals(first.client.client_secret === undefined, isPublic);
        for (let run = 2; run <= 3; run++) {
          const options = { clientMetadata, fetch: refusingAll };
          assertEquals(await resolveClient(open(), issuer, options), first);
        }
      });
      assertEquals((await server.count()).registrations, registrations + 1);
    });

    test(`${name} tells whether ${kind} is in its database`, { skip }, async () => {
      const server = started(name);
      const { issuer } = server;
      await inStore(async (store) => {
        const { client } = await resolveClient(store, issuer, { clientMetadata });
        assertEquals(await verifyClient(issuer, client, { store }), "alive");
        await server.forget();
        assertEquals(await verifyClient(issuer, client, { store }), "dead");
        const options = { clientMetadata, replace: client.client_id };
        const renewed = await resolveClient(store, issuer, options);
        assert(renewed.client.client_id !== client.client_id);
        assertEquals(await verifyClient(issuer, renewed.client, { store }), "alive");
        assertEquals(await verifyClient(issuer, client, { store }), "dead");
      });
    });
  }

  test(`what ${name} refuses, it says why, and is not asked again`, { skip }, async () => {
    const { issuer } = started(name);
    const refused = {
      "better-auth": [
        { ...native, application_type: "web" },
        /invalid_redirect_uri.*web clients require https redirect URIs on non-loopback hosts/,
      ],
      "workers-oauth-provider": [
        { ...native, redirect_uris: ["http://program.example/callback"] },
        /invalid_client_metadata.*Redirect URI must use https, or http on a loopback host/,
      ],
    } as const;
    const [clientMetadata, why] = refused[name as keyof typeof refused];
    await inStore(async (store, open) => {
      const ask = () => resolveClient(store, issuer, { clientMetadata });
      const { message, status } = await assertRejects(ask, RegistrationError);
      assertEquals(status, 400);
      assertMatch(message, why);
      const options = { clientMetadata, fetch: refusingAll };
      const again = () => resolveClient(open(), issuer, options);
      assertMatch((await assertRejects(again, RegistrationError)).message, why);
      assertEquals(await store.lookup(issuer), undefined);
    });
  });
}

test("better-auth registers nobody without an initial access token where it wants one", {
  skip: missing.includes("better-auth"),
}, async () => {
  const { issuer } = started("closed");
  const ask = (options: { initialAccessToken?: string } = {}) =>
    inStore(async (store) => {
      await resolveClient(store, issuer, { clientMetadata: native, ...options });
    });
  const without = await assertRejects(() => ask(), RegistrationError);
  assertEquals(without.status, 401);
  assertMatch(
    without.message,
    /Authentication required for client registration.*initialAccessToken/,
  );
  const wrong = await assertRejects(() => ask({ initialAccessToken: "canary" }), RegistrationError);
  assertMatch(wrong.message, /invalid_token.*Invalid initial access token/);
  assert(!holds(wrong, "canary"));
  await ask({ initialAccessToken });
});
