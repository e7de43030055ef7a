import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Login } from "../../src/mcp/login.ts";

const ISSUER = "https://auth.example";
const REDIRECT = "http://127.0.0.1:8912/callback";
const given = { issuer: ISSUER, client: { client_id: "abc" }, source: "dcr" } as const;

test("a refresh while the browser is away leaves the client that the code is for", async () => {
  const login = new Login();
  login.begin(given, REDIRECT, { access_token: "old", refresh_token: "same" });
  assertEquals(login.endWith({ access_token: "refreshed", refresh_token: "same" }), undefined);
  const tokens = () => Promise.resolve({ access_token: "refreshed", refresh_token: "same" });
  assertEquals(await login.clientAwaited(ISSUER, REDIRECT, tokens), given);
});

test("the first tokens of a provider end the login that they are of", async () => {
  const login = new Login();
  login.begin(given, REDIRECT, {});
  assertEquals(login.endWith({ access_token: "new" })?.given, given);
  assertEquals(await login.clientAwaited(ISSUER, REDIRECT, () => Promise.resolve({})), undefined);
});
