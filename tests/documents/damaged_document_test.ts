import { test } from "node:test";
import { assert } from "@std/assert";
import type { ClientStore } from "@oauth2/client-store";
import { createMemoryDocuments, openMemoryClientStore } from "@oauth2/client-store/memory";

const ISSUER = "https://auth.example";
const KEY = { tenant: "default", issuer: ISSUER };
const PURPOSE = { redirectUris: ["https://app.example/b"], scope: "read", grantTypes: ["x"] };

/** A store as a program opens it, and its documents. */
function open(documents = createMemoryDocuments()) {
  const options = { dangerouslyStorePlaintext: true, warn: () => {} };
  return { documents, store: openMemoryClientStore({ documents, ...options }) };
}

/** A document that holds all that one can hold. */
async function wholeDocument(): Promise<unknown> {
  const { documents, store } = open();
  for (const client_id of ["a", "b", "c"]) {
    const redirect_uris = [`https://app.example/${client_id > "a" ? "b" : "a"}`];
    await store.store(ISSUER, {
      client_id,
      redirect_uris,
      client_secret_expires_at: 0,
      registration_client_uri: `https://auth.example/${client_id}`,
      registration_access_token: "token",
    }, { requested: { redirect_uris, scope: "read", grant_types: ["x"] } });
  }
  await store.amend(ISSUER, { client_id: "c" }, { notes: { seen: true } });
  await store.note(ISSUER, { pending: { holder: "h", since: "2026" }, refused: { key: "k" } });
  return JSON.parse((await documents.read(KEY))?.text ?? "");
}

const WRONG = [undefined, null, 5, "x", "__proto__", [], {}, [null], { a: null }, true];

/** Puts what is wrong in the place of each value in turn, and of the whole. */
function* damaged(value: unknown): Generator<unknown> {
  yield* WRONG;
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    for (const other of damaged(member)) {
      if (Array.isArray(value)) yield value.with(Number(name), other);
      else yield { ...value, [name]: other };
    }
  }
}

const attempts: { readonly [what: string]: (store: ClientStore) => Promise<unknown> } = {
  lookup: (store) => store.lookup(ISSUER),
  "lookup for a purpose": (store) => store.lookup(ISSUER, PURPOSE),
  list: (store) => store.list(),
  registrations: (store) => store.registrations(ISSUER),
  replaced: (store) => store.replaced(),
  store: (store) => store.store(ISSUER, { client_id: "new" }, { requested: { scope: "z" } }),
  remove: (store) => store.remove(ISSUER),
  "remove one": (store) => store.remove(ISSUER, { client_id: "b" }),
  amend: (store) => store.amend(ISSUER, { client_id: "b" }, { notes: { seen: true } }),
  note: (store) => store.note(ISSUER, { seen: true }),
  forgetReplaced: (store) =>
    store.forgetReplaced([{ issuer: ISSUER, client: { client_id: "b" } }] as never),
  getOrRegister: (store) =>
    store.getOrRegister(ISSUER, () => ({ client_id: "new" }), { scope: "other" }),
  "getOrRegister again": (store) =>
    store.getOrRegister(ISSUER, () => ({ client_id: "new" }), { replace: "c" }),
};

for (const [what, attempt] of Object.entries(attempts)) {
  test(`whatever a document holds, ${what}() gives an answer or an error with a code`, async () => {
    let refused = 0;
    for (const document of damaged(await wholeDocument())) {
      const { documents, store } = open();
      const text = JSON.stringify(document) ?? "";
      await documents.write(KEY, text, undefined);
      await attempt(store).catch((error) => {
        assert(error.name === "ClientStoreError", `${error.stack} of ${text}`);
        assert(error.code === "EBADMSG" || error.code === "ERR_PRE_REGISTERED", error.code);
        refused++;
      });
    }
    assert(refused > 50, `${refused} were refused`);
  });
}
