import { test } from "node:test";
import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { checkClientInformation } from "../../src/core/client_information.ts";
import { clientAnswer } from "../../src/core/client_answer.ts";

/** The client that an answer with these members is taken for, without its client_id. */
function mended(answer: Record<string, unknown>) {
  const { client, mended } = clientAnswer({ client_id: "x", ...answer }) ?? {};
  const { client_id: _, ...members } = client ?? {};
  return { members, mended };
}

test("an answer that makes sense is taken as it is", () => {
  const answer = {
    client_id: "x",
    client_secret: "s",
    client_id_issued_at: 1_700_000_000,
    client_secret_expires_at: 0,
    redirect_uris: ["http://127.0.0.1/cb"],
    scope: "a b",
    token_endpoint_auth_method: "none",
    unknown: { null: null, "": [] },
  };
  assertEquals(clientAnswer(answer), { client: answer, mended: [] });
});

test("what has one meaning is coerced", () => {
  assertEquals(clientAnswer({ client_id: 42 }), {
    client: { client_id: "42" },
    mended: ["client_id"],
  });
  for (
    const [member, value, usable] of [
      ["client_id_issued_at", "1700000000", 1_700_000_000],
      ["client_id_issued_at", 1_700_000_000_123, 1_700_000_000],
      ["client_secret_expires_at", "0", 0],
      ["client_secret_expires_at", "1893456000", 1_893_456_000],
      ["client_secret_expires_at", "2030-01-01T00:00:00Z", 1_893_456_000],
      ["scope", ["a", "b"], "a b"],
      ["redirect_uris", "http://127.0.0.1/cb", ["http://127.0.0.1/cb"]],
      ["redirect_uris", ["http://127.0.0.1/cb", null], ["http://127.0.0.1/cb"]],
      ["grant_types", "authorization_code", ["authorization_code"]],
      ["token_endpoint_auth_method", ["none"], "none"],
      ["registration_access_token", 7, "7"],
    ] as const
  ) {
    assertEquals(mended({ [member]: value }), { members: { [member]: usable }, mended: [member] });
  }
});

test("what has no meaning is left out, and named", () => {
  for (
    const [member, value] of [
      ["client_secret_expires_at", -1],
      ["client_secret_expires_at", false],
      ["client_secret_expires_at", "never"],
      ["client_secret", null],
      ["client_secret", ""],
      ["scope", ""],
      ["scope", { a: true }],
      ["redirect_uris", []],
      ["redirect_uris", 7],
      ["token_endpoint_auth_method", ["none", "private_key_jwt"]],
      ["registration_client_uri", null],
    ] as const
  ) {
    assertEquals(mended({ [member]: value }), { members: {}, mended: [member] });
  }
});

test("an answer without a usable client_id is none", () => {
  for (const client_id of [undefined, null, "", [], {}, 4.5, Infinity, true]) {
    assertEquals(clientAnswer({ client_id }), undefined);
  }
  for (const answer of [undefined, null, "x", 7, [{ client_id: "x" }]]) {
    assertEquals(clientAnswer(answer), undefined);
  }
});

test("a member nested deeper than 64 levels is left out", () => {
  const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  assertEquals(mended({ tree: nested(64) }).mended, []);
  for (const levels of [65, 5000]) {
    assertEquals(mended({ tree: nested(levels) }), { members: {}, mended: ["tree"] });
  }
});

test("members with the names of an object's own are plain members", () => {
  const { client, mended } = clientAnswer(
    JSON.parse('{"client_id": "x", "__proto__": {"a": 1}, "constructor": 2}'),
  ) ?? {};
  assertEquals(Object.keys(client ?? {}), ["client_id", "__proto__", "constructor"]);
  assertEquals(mended, []);
});

test("whatever a server answers, what is taken of it can be stored", () => {
  const members = Object.fromEntries(
    [
      "client_id",
      "client_secret",
      "client_id_issued_at",
      "client_secret_expires_at",
      "registration_access_token",
      "registration_client_uri",
      "redirect_uris",
      "grant_types",
      "scope",
      "token_endpoint_auth_method",
      "application_type",
      "__proto__",
    ].map((member) => [member, fc.jsonValue()]),
  );
  fc.assert(fc.property(fc.record(members, { requiredKeys: [] }), (answer) => {
    const { client } = clientAnswer({ ...answer, client_id: answer.client_id || "x" }) ?? {};
    if (client) assertEquals(checkClientInformation(client, "Cannot"), client);
  }));
});
