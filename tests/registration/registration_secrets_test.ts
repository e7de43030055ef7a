import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type ClientInformation, openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import {
  deregister,
  deregisterReplaced,
  readRegistration,
  register,
  resolveClient,
  updateRegistration,
  verifyClient,
} from "@oauth2/client-store/registration";
import { holds } from "../support/canary.ts";
import { type OddAnswer, registering, withOddServer } from "../support/odd_server.ts";

const SECRET = "c4nary-s3cret";

/** Answers that quote what they were sent, in every place that an error is made of. */
const LEAKS: readonly OddAnswer[] = [
  ...[200, 401, 404, 429].flatMap((status): OddAnswer[] => [
    {
      status,
      body: {
        client_id: true,
        client_secret: SECRET,
        registration_access_token: SECRET,
        error: `invalid_token_${SECRET}`,
        error_description: `The token ${SECRET} has expired`,
      },
    },
    { status, body: { client_id: "y", [SECRET]: SECRET, client_secret: [SECRET] } },
    { status, body: `no JSON: ${SECRET}`, headers: { "content-type": "text/plain" } },
    { status, body: { title: SECRET, detail: encodeURIComponent(SECRET), errorSummary: SECRET } },
  ]),
  {
    status: 401,
    headers: { "www-authenticate": `Bearer error="${SECRET}", error_description="${SECRET}"` },
  },
  ...[301, 307, 308].map((status) => ({
    status,
    headers: { location: `https://user:${SECRET}@elsewhere.example/?token=${SECRET}#${SECRET}` },
  })),
];

test("no error and no warning of a registration holds what anybody keeps secret", async () => {
  const told: unknown[] = [];
  const warn = (message: string) => {
    told.push(message);
  };
  const hear = async (ask: () => Promise<unknown>) => {
    try {
      const outcome = await ask();
      if (Array.isArray(outcome)) told.push(...outcome.map(({ outcome }) => outcome));
    } catch (error) {
      told.push(error);
    }
  };
  for (const answer of LEAKS) {
    for (const isDiscovery of [true, false]) {
      await withOddServer(isDiscovery ? () => answer : registering(answer), async ({ issuer }) => {
        const client: ClientInformation = {
          client_id: "x",
          client_secret: SECRET,
          registration_client_uri: `${issuer}/register/x`,
          registration_access_token: SECRET,
        };
        const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
        const store = openClientStore({ runtime, warn });
        const initialAccessToken = SECRET;
        const clientMetadata = { software_statement: SECRET, client_secret: SECRET };
        const options = { initialAccessToken, warn };
        await hear(() => register(issuer, clientMetadata, options));
        // Twice: the second one is told what was kept of the first.
        for (let n = 0; n < 2; n++) {
          await hear(() => resolveClient(store, issuer, { clientMetadata, ...options }));
        }
        assert(!holds((await store.registrations(issuer)).notes, SECRET));
        await hear(() => readRegistration(client, { issuer, warn }));
        await hear(() => updateRegistration(client, { scope: "a" }, { warn }));
        await hear(() => deregister(client));
        await hear(() => verifyClient(issuer, client, { warn }));
        await store.store(issuer, client);
        await store.store(issuer, { client_id: "new" });
        await hear(() => deregisterReplaced(store));
      });
    }
  }
  const issuer = "https://auth.example";
  const wrong = `${SECRET}\n`;
  await hear(() => register(issuer, {}, { initialAccessToken: wrong }));
  await hear(() => register(issuer, {}, { initialAccessTokenOrigin: SECRET }));
  await hear(() =>
    readRegistration({
      client_id: "x",
      registration_client_uri: issuer,
      registration_access_token: wrong,
    })
  );
  for (const registration_client_uri of [SECRET, `https://user:${SECRET}@auth.example/`]) {
    const client = { client_id: "x", registration_client_uri, registration_access_token: SECRET };
    await hear(() => readRegistration(client));
  }
  await hear(() =>
    resolveClient({} as never, issuer, {
      clientMetadata: {},
      preRegistered: { client_id: 7, client_secret: SECRET } as never,
    })
  );
  await hear(() =>
    resolveClient({} as never, issuer, {
      clientMetadata: {},
      preRegistered: { client_id: "x", client_secret: SECRET, client_secret_expires_at: 1 },
    })
  );
  assert(told.length > 150, `${told.length}`);
  assertEquals(told.filter((one) => holds(one, SECRET)).map(String), []);
});
