import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ClientStoreError } from "@oauth2/client-store";
import { openMemoryClientStore } from "@oauth2/client-store/memory";
import { holds } from "../support/canary.ts";
import { eachDatabase } from "../support/databases.ts";

const ISSUER = "https://auth.example";
const key = (id: string, byte: number) => ({ id, key: new Uint8Array(32).fill(byte) });
const CLIENT = {
  client_id: "canary-id",
  client_secret: "canary-secret",
  registration_access_token: "canary-token",
  registration_client_uri: "https://auth.example/canary-uri",
};

for (const { name, missing, connect } of eachDatabase) {
  const skip = missing ?? false;

  test(`a dump of the database tells nothing of a client (${name})`, { skip }, async () => {
    const { open, dump, end } = await connect();
    const encryption = { keys: [key("one", 1)] };
    await open({ encryption, tenant: crypto.randomUUID() }).store(ISSUER, CLIENT);
    const text = await dump();
    assert(text.includes("kid"), "there is a sealed document");
    assert(!text.includes("canary"));
    await end();
  });

  test(
    `a key is rotated without losing what the older one sealed (${name})`,
    { skip },
    async () => {
      const { open, end } = await connect();
      const tenant = crypto.randomUUID();
      const opened = (...keys: ReturnType<typeof key>[]) => open({ encryption: { keys }, tenant });
      await opened(key("one", 1)).store(ISSUER, CLIENT);
      const both = opened(key("two", 2), key("one", 1));
      assertEquals((await both.lookup(ISSUER))?.client_id, "canary-id");
      await both.note(ISSUER, { seen: true });
      assertEquals((await opened(key("two", 2)).lookup(ISSUER))?.client_id, "canary-id");
      const error = await assertRejects(
        () => opened(key("one", 1)).lookup(ISSUER),
        ClientStoreError,
      );
      assertEquals(error.code, "ENOKEY");
      assert(error.message.includes('"two"'), error.message);
      await end();
    },
  );

  test(`what is damaged, moved or of a wrong key is an error (${name})`, { skip }, async () => {
    const { documents, open, end } = await connect();
    const [tenant, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const encryption = { keys: [key("one", 1)] };
    await open({ encryption, tenant }).store(ISSUER, CLIENT);
    const { text = "", version } = await documents.read({ tenant, issuer: ISSUER }) ?? {};
    await documents.write({ tenant: other, issuer: ISSUER }, text, undefined);
    await documents.write({ tenant, issuer: `${ISSUER}/a` }, text, undefined);
    const wrong = open({ encryption: { keys: [key("one", 9)] }, tenant });
    const plain = open({ dangerouslyStorePlaintext: true, tenant });
    const reads = [
      () => open({ encryption, tenant: other }).lookup(ISSUER),
      () => open({ encryption, tenant }).lookup(`${ISSUER}/a`),
      () => wrong.lookup(ISSUER),
      () => wrong.list(),
      () => wrong.store(ISSUER, CLIENT),
      () => plain.lookup(ISSUER),
    ];
    await documents.write({ tenant, issuer: `${ISSUER}/b` }, text.slice(0, -9), undefined);
    reads.push(() => open({ encryption, tenant }).lookup(`${ISSUER}/b`));
    for (const read of reads) {
      const error = await assertRejects(read, ClientStoreError);
      assert(/^(EBADMSG|ENOKEY)$/.test(error.code), error.code);
      assert(/^Cannot /.test(error.message), error.message);
      for (const canary of ["canary-id", "canary-secret", "canary-token", text]) {
        assert(!holds(error, canary));
      }
    }
    assertEquals((await documents.read({ tenant, issuer: ISSUER }))?.version, version);
    await end();
  });

  test(`a client comes back, whatever characters it is of (${name})`, { skip }, async () => {
    const { open, end } = await connect();
    const odd = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)).join("");
    const client = { client_id: `${odd}\ud800`, client_secret: `\u2028\ufeff\u{1f511}\udc00` };
    for (
      const how of [{ encryption: { keys: [key(odd, 1)] } }, { dangerouslyStorePlaintext: true }]
    ) {
      const tenant = crypto.randomUUID();
      await open({ ...how, tenant }).store(ISSUER, client);
      await open({ ...how, tenant }).note(ISSUER, { [odd]: odd });
      assertEquals(await open({ ...how, tenant }).lookup(ISSUER), client);
      assertEquals((await open({ ...how, tenant }).registrations(ISSUER)).notes, { [odd]: odd });
    }
    await end();
  });

  test(`one tenant does not see another's clients (${name})`, { skip }, async () => {
    const { open, end } = await connect();
    const base = crypto.randomUUID();
    const odd = [
      "}",
      "}:documents",
      "*",
      "?",
      "[a]",
      "\\",
      "|",
      "%",
      "%7D",
      " ",
      "\n",
      "'\"",
      "é",
      "日本",
    ];
    const names = [base, base.toUpperCase(), ...odd.map((end) => base + end)];
    const opened = (tenant: string) => open({ encryption: { keys: [key("one", 1)] }, tenant });
    for (const tenant of names) await opened(tenant).store(ISSUER, { client_id: tenant });
    for (const tenant of names) {
      const listed = [...(await opened(tenant).list()).values()].map(({ client_id }) => client_id);
      assertEquals(listed, [tenant]);
    }
    await end();
  });
}

test("a store in a database says which option cannot be meant", () => {
  const given = (encryption: unknown) => ({ encryption: encryption as never });
  const sized = (key: unknown) => given({ keys: [{ id: "a", key }] });
  const wrong: [Parameters<typeof openMemoryClientStore>[0], string][] = [
    [{}, "either encryption or dangerouslyStorePlaintext"],
    [given(null), "keys must be a list of keys"],
    [given(false), "keys must be a list of keys"],
    [given(""), "keys must be a list of keys"],
    [given({ keys: [null] }), "each of keys must be an object"],
    [{ ...given(null), dangerouslyStorePlaintext: true }, "either encryption or"],
    [sized(new Uint16Array(16)), '"a" must be a Uint8Array'],
    [sized(new DataView(new ArrayBuffer(32))), '"a" must be a Uint8Array'],
    [sized(Array(32).fill(7)), '"a" must be a Uint8Array'],
    [{ encryption: { keys: [] } }, "keys must be a list of keys"],
    [{ encryption: { keys: [{ id: "", key: new Uint8Array(32) }] } }, "id of a key"],
    [{ encryption: { keys: [{ id: "a", key: new Uint8Array(16) }] } }, '"a" must be a Uint8Array'],
    [{ encryption: { keys: [key("a", 1), key("a", 2)] } }, 'two keys have the id "a"'],
    [{ dangerouslyStorePlaintext: true, tenant: "" }, "tenant must be"],
    [{ dangerouslyStorePlaintext: true, deadline: 0 }, "deadline must be"],
  ];
  for (const [options, message] of wrong) {
    const error = assertThrows(() => openMemoryClientStore(options), TypeError);
    assert(error.message.includes(message), error.message);
  }
});
