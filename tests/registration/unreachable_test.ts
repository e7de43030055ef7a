import { test } from "node:test";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { assertMatch, assertRejects } from "@std/assert";
import { register, RegistrationError } from "@oauth2/client-store/registration";
import { withOddServer } from "../support/odd_server.ts";

async function toldBy(issuer: string, error?: Error): Promise<string> {
  const options = error ? { fetch: () => Promise.reject(error) } : {};
  return (await assertRejects(() => register(issuer, {}, options), RegistrationError)).message;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("every runtime says that a connection was refused", async () => {
  assertMatch(await toldBy(`http://127.0.0.1:${await freePort()}`), /\(ECONNREFUSED\): check/);
});

test("every runtime says that what answers does not speak TLS", async () => {
  await withOddServer(() => undefined, async ({ issuer }) => {
    const told = await toldBy(issuer.replace("http:", "https:"));
    assertMatch(told, /does not speak TLS \([A-Z_]+\): check the port, and whether it is http/);
  });
});

test("every runtime says that a server that ends the connection may want https", async () => {
  // So does a server of TLS that is spoken to in the clear.
  const server = createServer((socket) => socket.once("data", () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    assertMatch(
      await toldBy(`http://127.0.0.1:${port}`),
      /ended the connection without an answer \(ECONNRESET\): check .* whether it is https/,
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

/** What fetch was seen to throw: Deno says the cause in its text alone, Node in a cause, Bun itself. */
function seen(on: "deno" | "node" | "bun", code: string, message = "canary"): Error {
  if (on === "bun") return Object.assign(new TypeError(message), { code });
  const cause = on === "deno"
    ? new Error(
      `error sending request for url (https://a.example/): client error (Connect): ${code}`,
    )
    : Object.assign(new Error(message), { code });
  return new TypeError("fetch failed", { cause });
}

test("an unknown host and a bad certificate are told apart, whatever the runtime says of them", async () => {
  for (
    const [error, told] of [
      [
        seen("deno", "dns error: failed to lookup address information: Name or service not known"),
        /name is unknown \(ENOTFOUND\): check the issuer$/,
      ],
      [seen("node", "ENOTFOUND"), /name is unknown \(ENOTFOUND\)/],
      [seen("bun", "ENOTFOUND"), /name is unknown \(ENOTFOUND\)/],
      [seen("deno", "tcp connect error: Connection refused (os error 111)"), /\(ECONNREFUSED\)/],
      [seen("bun", "ConnectionRefused"), /\(ECONNREFUSED\)/],
      [
        seen("deno", "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"),
        /certificate is not trusted \(UNTRUSTED_CERT\).*DENO_CERT.*NODE_EXTRA_CA_CERTS/,
      ],
      [seen("deno", "invalid peer certificate: Expired"), /\(CERT_HAS_EXPIRED\)/],
      [seen("node", "DEPTH_ZERO_SELF_SIGNED_CERT"), /not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
      [seen("bun", "ERR_TLS_CERT_ALTNAME_INVALID"), /not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/],
      [seen("bun", "canary-c0de"), /cannot be reached, or its answer broke off: check/],
    ] as const
  ) {
    const message = await toldBy("https://a.example", error);
    assertMatch(message, told);
    assertMatch(message, /^((?!canary).)*$/);
  }
});
