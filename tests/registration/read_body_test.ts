import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { deregister, register, verifyClient } from "@oauth2/client-store/registration";

const ISSUER = "https://a.example";

/** Answers that tell what became of their bodies: how many were neither read to the end nor cancelled. */
function bodies() {
  let open = 0;
  const endless = (status: number, headers: Record<string, string> = {}) => {
    open++;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
      cancel() {
        open--;
      },
    });
    return new Response(body, { status, headers });
  };
  return { endless, open: () => open };
}

test("a body that is not read is cancelled: else it keeps Node alive for half a minute", async () => {
  const { endless, open } = bodies();
  const server = {
    issuer: ISSUER,
    registration_endpoint: `${ISSUER}/register`,
    token_endpoint: `${ISSUER}/token`,
  };
  const moved = { location: "https://b.example/" };
  for (const registration of [200, 307, 400]) {
    const fetch = (url: string) => {
      const { pathname } = new URL(url);
      if (pathname === "/.well-known/openid-configuration") {
        return Promise.resolve(Response.json(server));
      }
      const isMetadata = pathname.startsWith("/.well-known");
      const status = isMetadata ? 404 : registration;
      return Promise.resolve(endless(status, registration === 307 ? moved : {}));
    };
    await assertRejects(() => register(ISSUER, {}, { fetch }));
    assertEquals(await verifyClient(ISSUER, { client_id: "x" }, { fetch }), "unknown");
  }
  const client = {
    client_id: "x",
    registration_client_uri: `${ISSUER}/register/x`,
    registration_access_token: "t",
  };
  for (const status of [200, 401, 404, 500]) {
    const fetch = () => Promise.resolve(endless(status));
    await deregister(client, { fetch }).catch(() => {});
  }
  const lost = { fetch: () => Promise.resolve(endless(301, { location: `${ISSUER}/x` })) };
  await assertRejects(() => register(ISSUER, {}, lost));
  assertEquals(open(), 0);
});
