import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  createMemoryDocuments,
  type Documents,
  openMemoryClientStore,
} from "@oauth2/client-store/memory";

const ISSUER = "https://auth.example";

function openTwo(documents: Documents = createMemoryDocuments()) {
  const open = () => openMemoryClientStore({ documents, dangerouslyStorePlaintext: true });
  return [open(), open()] as const;
}

test("a change is decided by what is stored, whatever is remembered", async () => {
  const [one, other] = openTwo();
  await one.note(ISSUER, { of: "one" });
  await other.store(ISSUER, { client_id: "new" });
  assertEquals(await one.remove(ISSUER, { client_id: "new" }), true);
  assertEquals(await other.remove(ISSUER, { client_id: "new" }), false);
  await other.note(ISSUER, { of: "other" });
  await one.note(ISSUER, { of: "one" });
  assertEquals((await other.registrations(ISSUER)).notes, { of: "one" });
});

test("what others have stored is not written over from memory", async () => {
  const [one, other] = openTwo();
  for (let n = 0; n < 10; n++) {
    await one.note(ISSUER, { [`one-${n}`]: n });
    await other.note(ISSUER, { [`other-${n}`]: n });
  }
  assertEquals(Object.keys((await one.registrations(ISSUER)).notes).length, 20);
});

test("a document that nobody else has changed is written without being read", async () => {
  const documents = createMemoryDocuments();
  const asked: string[] = [];
  const watched = new Proxy(documents, {
    get: (_, name: "read" | "write") => (...args: Parameters<Documents["write"]>) => {
      asked.push(name);
      return documents[name](...args);
    },
  });
  const [store] = openTwo(watched);
  for (let n = 0; n < 3; n++) await store.note(ISSUER, { n });
  assertEquals(asked, ["read", "write", "write", "write"]);
});

test("copies of what was looked up do not pile up", async () => {
  const documents = createMemoryDocuments();
  let reads = 0;
  const counting = new Proxy(documents, {
    get: (_, name: "read") => (...args: Parameters<Documents["read"]>) => {
      reads++;
      return documents[name](...args);
    },
  });
  const options = { dangerouslyStorePlaintext: true, maxAge: 2 ** 40 };
  const store = openMemoryClientStore({ documents: counting, ...options });
  const lookUp = async (n: number) => {
    const before = reads;
    await store.lookup(`${ISSUER}/${n}`);
    return reads - before;
  };
  for (let n = 0; n < 3000; n++) assertEquals(await lookUp(n), 1);
  assertEquals(await lookUp(2999), 0);
  assertEquals(await lookUp(0), 1);
});
