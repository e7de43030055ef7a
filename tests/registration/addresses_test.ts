import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import {
  deregister,
  readRegistration,
  register,
  RegistrationError,
} from "@oauth2/client-store/registration";
import { mayLeadTo, placeOf } from "../../src/core/addresses.ts";

const SPELLINGS = {
  "this machine": [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "app.localhost",
    "localhost.localdomain",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.255.255.254",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "%31%32%37.0.0.1",
    "①②⑦.0.0.1",
    "0.0.0.0",
    "0",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
  ],
  "link": [
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "[fe80::1]",
    "[febf::1]",
    "[ff02::1]",
    "224.0.0.1",
    "255.255.255.255",
  ],
  "private network": [
    "10.0.0.1",
    "10.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.19.0.1",
    "[fd00::1]",
    "[fec0::1]",
    "[64:ff9b:1::1]",
    "[::ffff:10.0.0.1]",
    "keycloak",
    "printer.local",
    "metadata.google.internal",
    "nas.home.arpa",
  ],
  "internet": [
    "auth.example",
    "auth.example.",
    "1.1.1.1",
    "172.32.0.1",
    "169.253.0.1",
    "192.169.0.1",
    "[2606:4700::1111]",
    "[2002:101:101::]",
    "localhost.example",
    "notlocalhost.example",
  ],
};

test("every spelling of an address is known for where it is", () => {
  for (const [place, hosts] of Object.entries(SPELLINGS)) {
    for (const host of hosts) assertEquals(placeOf(new URL(`https://${host}/`)), place, host);
  }
});

test("nobody may lead to what is nearer to us than itself", () => {
  const url = (host: string) => new URL(`https://${host}`);
  const places = ["auth.example", "10.0.0.1", "169.254.0.1", "127.0.0.1"].map(url);
  for (const [n, from] of places.entries()) {
    for (const [m, to] of places.entries()) {
      assertEquals(mayLeadTo(from, to), m <= n, `${from} ${to}`);
    }
  }
});

/** Answers as a server on the internet would, and says what it was asked. */
function internet(answers: (url: string) => unknown) {
  const asked: string[] = [];
  const fetch = (url: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${url}`);
    return Promise.resolve(Response.json(answers(url), { status: 200 }));
  };
  return { asked, fetch };
}

const ISSUER = "https://evil.example";
const NEAR = [
  "http://127.0.0.1:2375/containers/create",
  "https://169.254.169.254/latest",
  "https://[::ffff:127.0.0.1]/x",
  "https://2130706433/x",
  "http://localhost./x",
  "https://intranet/x",
];

test("a registration endpoint nearer to us than its issuer is asked nothing", async () => {
  for (const registration_endpoint of NEAR) {
    const { fetch, asked } = internet(() => ({ issuer: ISSUER, registration_endpoint }));
    await assertRejects(
      () => register(ISSUER, {}, { fetch, initialAccessToken: "t0ken" }),
      RegistrationError,
      "nothing is sent there",
    );
    assertEquals(asked, [`GET ${ISSUER}/.well-known/oauth-authorization-server`]);
  }
});

test("a management URI nearer to us than its issuer is not kept, and asked nothing", async () => {
  for (const registration_client_uri of NEAR) {
    const managed = {
      client_id: "x",
      registration_access_token: "t",
      registration_client_uri,
    };
    const { fetch, asked } = internet((url) =>
      url.includes("well-known")
        ? { issuer: ISSUER, registration_endpoint: `${ISSUER}/register` }
        : managed
    );
    const warnings: string[] = [];
    const warn = (message: string) => {
      warnings.push(message);
    };
    const client = await register(ISSUER, {}, { fetch, warn });
    assertEquals(client, { client_id: "x", registration_access_token: "t" });
    assertEquals(warnings.length, 1);
    asked.length = 0;
    for (const call of [deregister, readRegistration]) {
      await assertRejects(
        () => call(managed, { fetch, issuer: ISSUER }),
        RegistrationError,
        "nothing is sent there",
      );
    }
    assertEquals(asked, []);
  }
});

test("a later answer must not lead nearer either", async () => {
  const client = {
    client_id: "x",
    registration_client_uri: `${ISSUER}/register/x`,
    registration_access_token: "t",
  };
  for (const options of [{ issuer: ISSUER }, {}]) {
    const { fetch } = internet(() => ({ ...client, registration_client_uri: NEAR[0] }));
    const read = await readRegistration(client, { fetch, warn: () => {}, ...options });
    assertEquals(read, client);
  }
});

test("the initial access token goes to another origin only when the caller names it", async () => {
  const { fetch, asked } = internet((url) =>
    url.includes("well-known")
      ? { issuer: ISSUER, registration_endpoint: "https://other.example/register" }
      : { client_id: "x" }
  );
  const options = { fetch, initialAccessToken: "t0ken" };
  await assertRejects(
    () => register(ISSUER, {}, options),
    RegistrationError,
    "initialAccessTokenOrigin",
  );
  assertEquals(asked.length, 1);
  const named = { ...options, initialAccessTokenOrigin: "https://other.example" };
  assertEquals(await register(ISSUER, {}, named), { client_id: "x" });
});
