import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  ClientStoreError,
  createMemoryDocuments,
  type Documents,
  openMemoryClientStore,
} from "@oauth2/client-store/memory";
import { openRedisClientStore } from "@oauth2/client-store/redis";

const ISSUER = "https://auth.example";
const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

function open(documents: Documents, maxAge = 0) {
  return openMemoryClientStore({ documents, maxAge, dangerouslyStorePlaintext: true });
}

/** The same documents, with something else for some of what is asked. */
function changed(documents: Documents, other: Partial<Documents>): Documents {
  const ask = (name: keyof Documents) => other[name] ?? documents[name].bind(documents);
  return new Proxy(documents, { get: (_, name: keyof Documents) => ask(name) });
}

test("what a server has answered is kept although the database is away for a moment", async () => {
  const documents = createMemoryDocuments();
  let awayUntil = 0;
  const store = open(changed(documents, {
    async write(...args) {
      if (performance.now() > awayUntil) return await documents.write(...args);
      throw new ClientStoreError("away", { code: "ECONNREFUSED", path: "" });
    },
  }));
  let requests = 0;
  const register = () => {
    awayUntil = performance.now() + 200;
    return { client_id: `client-${++requests}` };
  };
  assertEquals(await store.getOrRegister(ISSUER, register), { client_id: "client-1" });
  assertEquals(await open(documents).lookup(ISSUER), { client_id: "client-1" });
});

test("who has given up takes no lease from the caller after it", async () => {
  const documents = createMemoryDocuments();
  const [one, other] = [open(documents), open(documents)];
  const given = new AbortController();
  let endFirst = () => {};
  const first = new Promise<void>((resolve) => endFirst = resolve);
  const left = one.getOrRegister(ISSUER, async () => {
    await first;
    throw new Error("it took no notice of the signal, and failed");
  }, { signal: given.signal }).catch(() => {});
  await pause(20);
  given.abort();
  await left;
  let isRegistering = () => {};
  const registering = new Promise<void>((resolve) => isRegistering = resolve);
  const second = one.getOrRegister(ISSUER, async () => {
    isRegistering();
    await pause(300);
    return { client_id: "second" };
  });
  await registering;
  endFirst();
  await pause(50);
  const third = await other.getOrRegister(ISSUER, () => ({ client_id: "third" }));
  assertEquals([(await second).client_id, third.client_id], ["second", "second"]);
});

test("a slow read does not put what was before over what was stored meanwhile", async () => {
  const documents = createMemoryDocuments();
  let isSlow = false;
  const store = open(
    changed(documents, {
      async read(key) {
        const document = await documents.read(key);
        if (isSlow) await pause(100);
        return document;
      },
    }),
    60_000,
  );
  await open(documents).store(ISSUER, { client_id: "old" });
  await store.registrations(ISSUER);
  isSlow = true;
  const slow = store.registrations(ISSUER);
  await store.store(ISSUER, { client_id: "new" });
  await slow;
  assertEquals((await store.lookup(ISSUER))?.client_id, "new");
});

const url = process.env.TEST_REDIS_URL;
test("a write that a driver sends twice to Redis is made once", { skip: !url }, async () => {
  const { createClient } = await import("redis");
  const client = await createClient({ url: url ?? "" }).connect();
  const tenant = crypto.randomUUID();
  const store = openRedisClientStore({
    tenant,
    dangerouslyStorePlaintext: true,
    warn: () => {},
    async send(args) {
      if (args[0] === "EVAL") await client.sendCommand(args);
      return await client.sendCommand(args);
    },
  });
  try {
    await store.store(ISSUER, { client_id: "abc" });
    assertEquals(await store.remove(ISSUER), true);
  } finally {
    await client.sendCommand(["DEL", `ocs1:{${tenant}}:documents`]);
    client.destroy();
  }
});
