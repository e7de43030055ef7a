import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { register, RegistrationError } from "@oauth2/client-store/registration";
import { type OddAnswer, registering, withOddServer } from "../support/odd_server.ts";

const LOOPBACK = { redirect_uris: ["http://127.0.0.1/cb"] };

/** The registration requests that a server was asked, parsed. */
function sent(asked: readonly { path: string; body: string }[]) {
  return asked.filter(({ path }) => path === "/register").map(({ body }) => JSON.parse(body));
}

test("application_type is filled in by the redirect URIs, and what is given stays", async () => {
  await withOddServer(registering({ body: { client_id: "x" } }), async ({ issuer, asked }) => {
    const types = [
      [["http://127.0.0.1/cb", "http://[::1]:80/cb", "http://localhost:1/cb"], "native"],
      [["com.example.app:/cb"], "native"],
      [["https://app.localhost/cb"], "native"],
      [["https://app.example/cb"], "web"],
      [["http://127.0.0.1/cb", "https://app.example/cb"], "web"],
      [["not a URI"], "web"],
      [[], "web"],
    ] as const;
    for (const [redirect_uris] of types) await register(issuer, { redirect_uris });
    assertEquals(
      sent(asked),
      types.map(([redirect_uris, application_type]) => ({ redirect_uris, application_type })),
    );
    asked.length = 0;
    await register(issuer, { ...LOOPBACK, application_type: "web" });
    assertEquals(sent(asked)[0].application_type, "web");
  });
});

test("refused for a type that nobody asked for, the other one is tried once", async () => {
  for (const refused of ["native", "web", "native web"]) {
    const answer = registering(({ body }) =>
      refused.includes(JSON.parse(body).application_type)
        ? {
          status: 400,
          body: { error: "invalid_client_metadata", error_description: "Bad application_type" },
        }
        : { status: 201, body: { client_id: "x" } }
    );
    await withOddServer(answer, async ({ issuer, asked }) => {
      const outcome = await register(issuer, LOOPBACK).catch((error) => error);
      assertEquals(sent(asked).length, refused === "web" ? 1 : 2);
      if (refused === "native web") assertMatch(outcome.message, /Bad application_type/);
      else assertEquals(outcome.client_id, "x");
      const given = { ...LOOPBACK, application_type: "native" };
      asked.length = 0;
      await register(issuer, given).catch(() => {});
      assertEquals(sent(asked), [given]);
    });
  }
});

test("an answer without sense is mended, and a warning names what", async () => {
  const odd = {
    client_id: 42,
    client_secret: "s",
    client_id_issued_at: "1700000000",
    client_secret_expires_at: -1,
    scope: ["a", "b"],
    redirect_uris: "http://127.0.0.1/cb",
    token_endpoint_auth_method: ["none"],
    registration_access_token: "a\nb",
    registration_client_uri: "http://auth.example/register/42",
    deep: "here",
  };
  // Written by hand: not every runtime can.
  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  const body = JSON.stringify(odd).replace('"here"', deep);
  await withOddServer(registering({ status: 201, body }), async ({ issuer }) => {
    const warnings: string[] = [];
    const warn = (message: string) => {
      warnings.push(message);
    };
    assertEquals(await register(issuer, LOOPBACK, { warn }), {
      client_id: "42",
      client_secret: "s",
      client_id_issued_at: 1_700_000_000,
      scope: "a b",
      redirect_uris: ["http://127.0.0.1/cb"],
      token_endpoint_auth_method: "none",
    });
    assertEquals(warnings.length, 1);
    for (const member of Object.keys(odd).filter((one) => one !== "client_secret")) {
      assert(warnings[0]?.includes(`"${member}"`), member);
    }
  });
});

test("a relative management URI is made whole", async () => {
  const body = {
    client_id: "x",
    registration_access_token: "t",
    registration_client_uri: "register/x",
  };
  await withOddServer(registering({ body }), async ({ issuer }) => {
    const { registration_client_uri } = await register(issuer, LOOPBACK, { warn: () => {} });
    assertEquals(registration_client_uri, `${issuer}/register/x`);
  });
});

test("more than 1 MB of an answer is not read", async () => {
  const answer = registering({ body: { client_id: "x", junk: "x".repeat(1_100_000) } });
  await withOddServer(answer, async ({ issuer }) => {
    await assertRejects(() => register(issuer, LOOPBACK), RegistrationError, "more than 1 MB");
  });
});

test("a registration endpoint that has moved is followed on its origin, and never with a token", async () => {
  for (const status of [307, 308]) {
    const answer = registering(({ path }) =>
      path === "/register"
        ? { status, headers: { location: "/moved" } }
        : { status: 201, body: { client_id: "x" } }
    );
    await withOddServer(answer, async ({ issuer, asked }) => {
      assertEquals((await register(issuer, LOOPBACK)).client_id, "x");
      assertEquals(JSON.parse(asked.at(-1)?.body ?? "").redirect_uris, LOOPBACK.redirect_uris);
      await assertRejects(
        () => register(issuer, LOOPBACK, { initialAccessToken: "t0ken" }),
        RegistrationError,
        `redirects (${status}) to "${issuer}/moved"`,
      );
      assertEquals(asked.at(-1)?.path, "/register");
    });
  }
  for (
    const [status, location] of [
      [302, "/moved"],
      [307, "https://other.example/register"],
      [308, "http://127.0.0.1:1/register"],
    ] as const
  ) {
    await withOddServer(
      registering({ status, headers: { location } }),
      async ({ issuer, asked }) => {
        const target = new URL(location, issuer).href;
        await assertRejects(
          () => register(issuer, LOOPBACK),
          RegistrationError,
          `redirects (${status}) to ${JSON.stringify(target)}, where nothing is sent`,
        );
        assertEquals(asked.at(-1)?.path, "/register");
      },
    );
  }
});

const json = (status: number, body: unknown, headers = {}): OddAnswer => ({
  status,
  body,
  headers,
});
const plain = (status: number, body: string): OddAnswer => ({
  status,
  body,
  headers: { "content-type": "text/plain; charset=utf-8" },
});

test("a refusal says what the server said, in whatever form", async () => {
  const bearer =
    'Bearer realm="x", error="invalid_token", error_description="It has \\"expired\\""';
  for (
    const [answer, told] of [
      [
        json(400, { error: "invalid_redirect_uri", error_description: "No" }),
        "400, invalid_redirect_uri: No",
      ],
      [json(400, { error_description: "Only this" }), "400, Only this"],
      [json(401, undefined, { "www-authenticate": bearer }), "401, invalid_token: It has"],
      [json(400, { type: "about:blank", title: "Bad", detail: "No URI" }), "400, No URI"],
      [json(400, { title: "Bad" }), "400, Bad"],
      [
        json(403, { errorCode: "E0000006", errorSummary: "No permission" }),
        "403, E0000006: No permission",
      ],
      [json(400, { message: "Body has errors" }), "400, Body has errors"],
      [json(500, { error: { code: "oops", message: "Broken" } }), "500, oops: Broken"],
      [plain(500, "upstream\n  is\tdown\n"), "500, upstream   is down"],
      [{ status: 502, body: "<html>", headers: { "content-type": "text/html" } }, "status 502"],
    ] as const
  ) {
    await withOddServer(registering(answer), async ({ issuer }) => {
      await assertRejects(() => register(issuer, LOOPBACK), RegistrationError, told);
    });
  }
});

test("401 and 403 say whether an initial access token is missing or wrong, 429 when to come back", async () => {
  for (const status of [401, 403]) {
    await withOddServer(registering({ status }), async ({ issuer }) => {
      await assertRejects(
        () => register(issuer, LOOPBACK),
        RegistrationError,
        "initialAccessToken",
      );
    });
  }
  for (const [status, told] of [[401, "is not accepted"], [403, "does not allow"]] as const) {
    await withOddServer(registering({ status }), async ({ issuer }) => {
      const withToken = () => register(issuer, LOOPBACK, { initialAccessToken: "wr0ng" });
      const { message } = await assertRejects(withToken, RegistrationError, told);
      assert(!message.includes("wr0ng") && !message.includes("wants"), message);
    });
  }
  const inTen = new Date(Date.now() + 10_000).toUTCString();
  for (
    const [header, least, most] of [["120", 120, 120], [inTen, 5, 11], [
      "999999999",
      86_400,
      86_400,
    ]] as const
  ) {
    const answer = registering({ status: 429, headers: { "retry-after": header } });
    await withOddServer(answer, async ({ issuer }) => {
      const error = await assertRejects(
        () => register(issuer, LOOPBACK),
        RegistrationError,
        "again in",
      );
      const { retryAfter = -1 } = error;
      assert(least <= retryAfter && retryAfter <= most, `${retryAfter}`);
    });
  }
});

test("what a server says is shown escaped, cut, and without what was sent as a secret", async () => {
  const secret = "c4nary/s3cret+";
  const error_description = `\u001b[31mred\u001b[0m \u0000\u202e ${secret} ${
    encodeURIComponent(secret)
  } ${"x".repeat(50_000)}`;
  const answer = registering(json(400, { error: `bad ${secret}`, error_description }));
  await withOddServer(answer, async ({ issuer }) => {
    const error = await assertRejects(
      () => register(issuer, LOOPBACK, { initialAccessToken: secret }),
      RegistrationError,
    );
    assertMatch(error.message, /\\u\{1b\}\[31mred\\u\{1b\}\[0m \\u\{0\}\\u\{202e\} … … x/);
    assert(error.message.length < 1000, `${error.message.length}`);
    assert(!/\p{Cc}|\p{Cf}/u.test(`${error.message}${error.error_description}`));
    assert(!/c4nary/.test(JSON.stringify([error.message, { ...error }])));
    assertEquals(error.error, "bad …");
  });
});

test("a huge refusal is not read to its end", async () => {
  const answer = registering(plain(500, "x".repeat(50_000_000)));
  await withOddServer(answer, async ({ issuer }) => {
    const { message } = await assertRejects(() => register(issuer, LOOPBACK), RegistrationError);
    assert(message.length < 1000);
  });
});
