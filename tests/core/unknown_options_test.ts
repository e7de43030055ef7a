import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type ClientStore, openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime, openMemoryClientStore } from "@oauth2/client-store/memory";
import { withClientStore } from "@oauth2/client-store/mcp";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import {
  deregister,
  deregisterReplaced,
  readRegistration,
  register,
  resolveClient,
  updateRegistration,
  verifyClient,
} from "@oauth2/client-store/registration";
import { behaves, behavesEverywhere } from "../support/behaviours.ts";

const ISSUER = "https://auth.example";
const CLIENT = { client_id: "abc123", redirect_uris: ["http://127.0.0.1/a"] };
const CALLBACK = ["http://127.0.0.1/b"];

/** What a program in JavaScript may pass, or one in TypeScript that spreads. */
const misspelt = (options: object) => options as never;

behavesEverywhere(
  "getOrRegister() refuses an option that it does not know, also where a client is there",
  async ({ open }) => {
    await open().store(ISSUER, CLIENT);
    let requests = 0;
    const register = () => ({ client_id: `${++requests}` });
    const wrong = [
      [{ redirectUri: CALLBACK }, "redirectUris"],
      [{ redirect_uris: CALLBACK }, "redirectUris"],
      [{ scopes: "read" }, "scope"],
      [{ replaces: "abc123" }, "replace"],
    ] as const;
    for (const store of [open(), await looked(open())]) {
      for (const [options, meant] of wrong) {
        await assertRejects(
          () => store.getOrRegister(ISSUER, register, misspelt(options)),
          TypeError,
          `Cannot register client for issuer "${ISSUER}": there is no option "${
            Object.keys(options)[0]
          }": use "${meant}"`,
        );
      }
    }
    assertEquals(requests, 0);
  },
);

/** A store that has read already. */
async function looked(store: ClientStore): Promise<ClientStore> {
  await store.lookup("https://other.example");
  await store.list();
  return store;
}

behaves("lookup() on files finds nothing by a wrong option, and warns", async (trial) => {
  const { open, warnings } = trial;
  await open().store(ISSUER, CLIENT);
  for (const store of [open(), await looked(open())]) {
    assertEquals(await store.lookup(ISSUER, misspelt({ redirectUri: CALLBACK })), undefined);
    assertEquals(
      warnings.splice(0),
      ['Cannot look up client: there is no option "redirectUri": use "redirectUris": nothing is found'],
    );
    assertEquals(await store.lookup(ISSUER, misspelt({ redirectUris: "a" })), undefined);
    assert(warnings.splice(0)[0]?.includes("redirectUris must be an array of strings"));
    assertEquals(
      (await store.lookup(ISSUER, { redirectUris: CLIENT.redirect_uris }))?.client_id,
      "abc123",
    );
    assertEquals(warnings, []);
  }
});

behavesEverywhere("changes refuse an option that they do not know", async ({ open }) => {
  const store = open();
  const given = { sourse: "pre-registered" };
  await assertRejects(
    () => store.store(ISSUER, CLIENT, misspelt(given)),
    TypeError,
    `Cannot store client for issuer "${ISSUER}": there is no option "sourse": use "source"`,
  );
  assertEquals(await store.lookup(ISSUER), undefined);
  await store.store(ISSUER, CLIENT);
  const signals = misspelt({ signals: undefined });
  for (
    const change of [
      () => store.remove(ISSUER, undefined, signals),
      () => store.amend(ISSUER, CLIENT, signals),
      () => store.note(ISSUER, { a: 1 }, signals),
      () => store.forgetReplaced([], signals),
    ]
  ) await assertRejects(change, TypeError, 'there is no option "signals": use "signal"');
  assertEquals((await store.lookup(ISSUER))?.client_id, "abc123");
});

behaves("mend() refuses an option that it does not know", async ({ open }) => {
  await assertRejects(() => open().mend(misspelt({ sginal: undefined })), TypeError, "signal");
});

const query = () => Promise.resolve({ rows: [] });
const send = () => Promise.resolve(null);
const plain = { dangerouslyStorePlaintext: true };
const provider = { redirectUrl: "http://127.0.0.1/a", clientMetadata: { redirect_uris: [] } };
const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });

for (
  const [name, open, wrong, meant] of [
    ["openClientStore", openClientStore, { appname: "my-tool" }, "appName"],
    ["openClientStore", openClientStore, { tenent: "customer-1" }, "tenant"],
    ["openClientStore", openClientStore, { lock_timeout: 1 }, "lockTimeout"],
    ["openPostgresClientStore", openPostgresClientStore, { query, ...plain, shema: "x" }, "schema"],
    [
      "openPostgresClientStore",
      openPostgresClientStore,
      { query, ...plain, tennant: "x" },
      "tenant",
    ],
    ["openRedisClientStore", openRedisClientStore, { send, ...plain, prefx: "x" }, "prefix"],
    ["openMemoryClientStore", openMemoryClientStore, { ...plain, document: {} }, "documents"],
    [
      "withClientStore",
      (options: never) => withClientStore(provider, store, options),
      { isuer: ISSUER },
      "issuer",
    ],
  ] as const
) {
  test(`${name}() refuses an option that it does not know: ${meant}`, () => {
    const stray = Object.keys(wrong).at(-1);
    assertThrows(
      () => open(misspelt(wrong)),
      TypeError,
      `there is no option "${stray}": use "${meant}"`,
    );
  });
}

const managed = {
  client_id: "abc123",
  registration_client_uri: `${ISSUER}/register/abc123`,
  registration_access_token: "t0ken",
};
const fetches = misspelt({ fetchs: fetch });
for (
  const [name, call] of Object.entries({
    register: () => register(ISSUER, {}, fetches),
    resolveClient: () =>
      resolveClient(store, ISSUER, misspelt({ clientMetadata: {}, fetchs: fetch })),
    readRegistration: () => readRegistration(managed, fetches),
    updateRegistration: () => updateRegistration(managed, {}, fetches),
    deregister: () => deregister(managed, fetches),
    deregisterReplaced: () => deregisterReplaced(store, fetches),
    verifyClient: () => verifyClient(ISSUER, managed, fetches),
  })
) {
  test(`${name}() refuses an option that it does not know, before a server is asked`, async () => {
    await assertRejects(call, TypeError, 'there is no option "fetchs": use "fetch"');
  });
}

test("migratePostgres() refuses an option that it does not know", async () => {
  const options = misspelt({ query, scema: "x" });
  await assertRejects(() => migratePostgres(options), TypeError, 'use "schema"');
});

test("what is like no option is told all that there are", () => {
  const message = 'there is no option "directory": use one of appName, tenant, path, runtime, warn';
  assertThrows(() => openClientStore(misspelt({ directory: "/tmp" })), TypeError, message);
});

test("what is no object of options is refused, and not taken for none", () => {
  for (const options of ["/tmp/registered.json", null, 7]) {
    const message = "Cannot open client store: options must be an object";
    assertThrows(() => openClientStore(options as never), TypeError, message);
  }
});
