import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { register, RegistrationError } from "@oauth2/client-store/registration";
import { discover, metadataUrls } from "../../src/registration/discovery.ts";
import { judgeMetadata } from "../../src/registration/metadata_document.ts";
import { type OddAnswer, withOddServer } from "../support/odd_server.ts";

const OAUTH = "/.well-known/oauth-authorization-server";
const OPENID = "/.well-known/openid-configuration";

/** Publishes documents at these paths, for the issuer at `/tenant`, and registers. */
function publishing(
  documents: (issuer: string, origin: string) => { [path: string]: OddAnswer },
) {
  return ({ path }: { path: string }, origin: string): OddAnswer | undefined => {
    if (path === "/register") return { status: 201, body: { client_id: "x" } };
    return documents(`${origin}/tenant`, origin)[path];
  };
}

function metadata(issuer: string, origin: string): OddAnswer {
  return { body: { issuer, registration_endpoint: `${origin}/register` } };
}

test("metadata are found at every place that servers publish them at", async () => {
  for (
    const [at, requests] of [
      [`${OAUTH}/tenant`, 1],
      [`${OPENID}/tenant`, 2],
      [`/tenant${OPENID}`, 3],
      [`/tenant${OAUTH}`, 4],
    ] as const
  ) {
    const answer = publishing((issuer, origin) => ({ [at]: metadata(issuer, origin) }));
    await withOddServer(answer, async ({ issuer, asked }) => {
      assertEquals((await register(`${issuer}/tenant`, {})).client_id, "x");
      assertEquals(asked.length, requests + 1);
    });
  }
});

test("no place is asked twice, and the last slash of an issuer is none of its path", () => {
  const urls = [`https://a.example${OAUTH}`, `https://a.example${OPENID}`];
  assertEquals(metadataUrls("https://a.example"), urls);
  assertEquals(metadataUrls("https://a.example/"), urls);
  assertEquals(metadataUrls("https://a.example/b/"), metadataUrls("https://a.example/b"));
});

test("a document without a registration endpoint, or of another issuer, leads to the next", async () => {
  for (
    const odd of [{ issuer: "https://other.example" }, { token_endpoint: "https://t.example" }, []]
  ) {
    const answer = publishing((issuer, origin) => ({
      [`${OAUTH}/tenant`]: { body: Array.isArray(odd) ? odd : { issuer, ...odd } },
      [`${OPENID}/tenant`]: metadata(issuer, origin),
    }));
    await withOddServer(answer, async ({ issuer }) => {
      assertEquals((await register(`${issuer}/tenant`, {})).client_id, "x");
    });
  }
});

test("a document that has moved within its origin is followed", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = publishing((issuer, origin) => ({
      [`${OAUTH}/tenant`]: { status, headers: { location: "/moved" } },
      "/moved": { status, headers: { location: `${origin}/again` } },
      "/again": metadata(issuer, origin),
    }));
    await withOddServer(answer, async ({ issuer, asked }) => {
      assertEquals((await register(`${issuer}/tenant`, {})).client_id, "x");
      assertEquals(asked.length, 4);
    });
  }
});

test("a document that has moved to http elsewhere, nearer to us, or in a circle is not followed", async () => {
  const issuer = "https://a.example";
  for (
    const location of [
      "http://b.example/doc",
      "http://a.example/doc",
      "https://127.0.0.1/doc",
      "https://user:c4nary@b.example/doc",
      `${issuer}${OAUTH}`,
    ]
  ) {
    const asked = new Set<string>();
    const fetch = (url: string) => {
      asked.add(new URL(url).host);
      return Promise.resolve(new Response(null, { status: 302, headers: { location } }));
    };
    const error = await assertRejects(
      () => register(issuer, {}, { fetch }),
      RegistrationError,
      "not followed",
    );
    assertEquals([...asked], ["a.example"]);
    assertMatch(error.message, /302 to "/);
    assert(!error.message.includes("c4nary"));
  }
  const { message } = await assertRejects(
    () =>
      register(issuer, {}, {
        fetch: (url) => {
          const moved = { status: 302, headers: { location: "https://b.example/doc" } };
          return Promise.resolve(
            new URL(url).host === "a.example"
              ? new Response(null, moved)
              : Response.json({ issuer: "https://b.example" }),
          );
        },
      }),
    RegistrationError,
  );
  assertMatch(message, /of another issuer/);
});

test("a redirect to what is no URL is told without the terminal escapes in it", async () => {
  const headers = { location: "http://[\u009b31m" };
  const fetch = () => Promise.resolve(new Response(null, { status: 302, headers }));
  const { message } = await assertRejects(
    () => register("https://a.example", {}, { fetch }),
    RegistrationError,
    '302 to "http://[',
  );
  assert(!/\p{Cc}/u.test(message));
});

test("the error says what each place answered", async () => {
  const answer = publishing(() => ({
    [`${OAUTH}/tenant`]: { status: 302, headers: { location: "http://b.example/login" } },
    [`${OPENID}/tenant`]: { body: "<html>" },
    [`/tenant${OPENID}`]: { body: [] },
    [`/tenant${OAUTH}`]: { body: `"${"x".repeat(1_100_000)}"` },
  }));
  await withOddServer(answer, async ({ issuer }) => {
    await assertRejects(
      () => register(`${issuer}/tenant`, {}),
      RegistrationError,
      `no metadata (${OAUTH}/tenant: 302 to "http://b.example/login", not followed; ` +
        `${OPENID}/tenant: no JSON (200); /tenant${OPENID}: no metadata (200); ` +
        `/tenant${OAUTH}: more than 1 MB): check the issuer`,
    );
  });
});

test("a server that is busy says when to come back", async () => {
  const answer = () => ({ status: 429, headers: { "retry-after": "17" } });
  await withOddServer(answer, async ({ issuer }) => {
    const error = await assertRejects(() => register(issuer, {}), RegistrationError, "again later");
    assertEquals([error.status, error.retryAfter], [429, 17]);
  });
});

test("metadata of another issuer are refused, unless the caller names that one", async () => {
  const other = "https://login.example/{tenantid}/";
  const answer = publishing((_issuer, origin) => ({
    [`${OAUTH}/tenant`]: metadata(other, origin),
  }));
  await withOddServer(answer, async ({ issuer }) => {
    const asked = `${issuer}/tenant`;
    const { message } = await assertRejects(() => register(asked, {}), RegistrationError);
    for (const named of [asked, other]) assert(message.includes(JSON.stringify(named)), message);
    assertMatch(message, /dangerouslyAcceptIssuer/);
    const accepted = { dangerouslyAcceptIssuer: other };
    assertEquals((await register(asked, {}, accepted)).client_id, "x");
    const wrong = { dangerouslyAcceptIssuer: "https://login.example" };
    await assertRejects(() => register(asked, {}, wrong), RegistrationError, "another issuer");
  });
});

test("spellings of an issuer that differ by a slash or its host's case are one", () => {
  for (const named of ["https://a.example", "https://a.example/", "HTTPS://A.example:443"]) {
    for (const issuer of ["https://a.example", "https://a.example/"]) {
      assertEquals(judgeMetadata("", issuer, { issuer: named })?.issuer, named);
    }
  }
  assertEquals(judgeMetadata("", "https://a.example", { issuer: 7 }), undefined);
  assertEquals(judgeMetadata("", "https://a.example", undefined), undefined);
});

test("a document that is judged keeps members of the right type only", () => {
  const document = {
    issuer: "https://a.example",
    registration_endpoint: ["https://a.example/register"],
    token_endpoint: "https://a.example/token",
    revocation_endpoint: "",
    token_endpoint_auth_methods_supported: ["none", 7],
    client_id_metadata_document_supported: "true",
  };
  assertEquals(judgeMetadata("", "https://a.example", document), {
    issuer: "https://a.example",
    token_endpoint: "https://a.example/token",
    token_endpoint_auth_methods_supported: ["none"],
  });
});

test("what a document without the wanted endpoint says is told where no other one has it", async () => {
  const answer = publishing((issuer) => ({
    [`${OPENID}/tenant`]: { body: { issuer, client_id_metadata_document_supported: true } },
  }));
  await withOddServer(answer, async ({ issuer }) => {
    const tenant = `${issuer}/tenant`;
    const server = await discover("Cannot", tenant, { endpoint: "registration_endpoint" });
    assertEquals(server, { issuer: tenant, client_id_metadata_document_supported: true });
    await assertRejects(() => register(tenant, {}), RegistrationError, "no registration_endpoint");
  });
});
