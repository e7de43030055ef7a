import { test } from "node:test";
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientStoreError, openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { behaves } from "../support/behaviours.ts";
import { realPlace } from "../support/places.ts";

const ISSUER = "https://auth.example";
const isRoot = globalThis.process?.getuid?.() === 0;

for (const target of ["nowhere", "registered.json"]) {
  behaves(
    `a link to ${target} in place of the lock is recovered like the lock of a dead process`,
    async ({ place, open }) => {
      await open().store("https://old.example", { client_id: "old" });
      place.link(target, `${place.file}.lock`);
      await open().store(ISSUER, { client_id: "a" });
      assertEquals([...(await open().list()).keys()], ["https://old.example", ISSUER]);
      assertEquals(place.names(), ["registered.json"]);
    },
    { needs: ["links"] },
  );
}

behaves(
  "a link to nowhere in place of what recovers a lock is in nobody's way",
  async ({ place, open }) => {
    place.write(`${place.file}.lock`, "dead");
    place.link("nowhere", `${place.file}.lock.break`);
    await open().store(ISSUER, { client_id: "a" });
    assertEquals(place.names(), ["registered.json"]);
  },
  { needs: ["links"] },
);

behaves(
  "a directory in place of what recovers a lock is told of, and never removed",
  async ({ place, open }) => {
    const path = `${place.file}.lock.break`;
    place.write(`${place.file}.lock`, "dead");
    place.runtime.fs.makeDirectory(path, 0o700);
    const error = await assertRejects(
      () => open({ lockTimeout: 5000 }).store(ISSUER, { client_id: "a" }),
      ClientStoreError,
    );
    assertEquals([error.code, error.path], ["EISDIR", path]);
    assert(place.names().includes("registered.json.lock.break"));
  },
);

behaves(
  "a directory in place of a temporary file is told of, and never removed",
  async ({ place, open }) => {
    await open().store(ISSUER, { client_id: "a" });
    const path = `${place.file}.${crypto.randomUUID()}.tmp`;
    place.runtime.fs.makeDirectory(path, 0o700);
    const register = () => Promise.reject(new Error("nobody is to be asked"));
    for (
      const change of [
        () => open().store(ISSUER, { client_id: "b" }),
        () => open().getOrRegister("https://b.example", register),
      ]
    ) {
      const error = await assertRejects(change, ClientStoreError);
      assertEquals([error.code, error.path], ["EISDIR", path]);
    }
    assertEquals(await open().lookup(ISSUER), { client_id: "a" });
    assertEquals(place.names().length, 2);
  },
);

behaves(
  "a link in place of a temporary file is removed, and what it leads to is not",
  async ({ place, open }) => {
    await open().store(ISSUER, { client_id: "a" });
    place.write(`${place.home}/another`, "somebody's");
    for (const target of [`${place.home}/another`, "nowhere"]) {
      place.link(target, `${place.file}.${crypto.randomUUID()}.tmp`);
    }
    await open().store(ISSUER, { client_id: "b" });
    assertEquals(place.names(), ["registered.json"]);
    assertEquals(place.read(`${place.home}/another`), "somebody's");
  },
  { needs: ["links"] },
);

behaves(
  "thousands of files that dead processes have left are in nobody's way",
  async ({ place, open }) => {
    await open().store(ISSUER, { client_id: "a", scope: "a" });
    const metadata = place.file.replace(/\.json$/, ".metadata.json");
    for (let n = 0; n < 1000; n++) {
      place.write(`${n % 2 ? place.file : metadata}.${crypto.randomUUID()}.tmp`, "half");
    }
    const stores = Array.from(
      { length: 3 },
      (_, n) => open().store(`https://${n}.example`, { client_id: `${n}` }),
    );
    await Promise.all(stores);
    assertEquals((await open().list()).size, 4);
    assertEquals(place.names(), ["registered.json", "registered.metadata.json"]);
  },
);

test("mend() takes over what dozens of processes left that died while they registered", {
  timeout: 60_000,
}, async () => {
  const runtime = createMemoryRuntime({ env: { HOME: "/h" } });
  const store = openClientStore({ runtime });
  await store.store(ISSUER, { client_id: "a" });
  for (let n = 0; n < 30; n++) {
    runtime.write(`${store.path}.${String(n).padStart(16, "0")}.lock`, `dead ${n}`);
  }
  await store.mend();
  assertEquals(Object.keys(runtime.files()), [store.path]);
});

test("a name that leaves no room for a lock is told of before a server is asked", async () => {
  const place = realPlace();
  const path = place.runtime.join(place.home, `${"n".repeat(230)}.json`);
  const store = openClientStore({ runtime: place.runtime, path });
  let requests = 0;
  const register = () => ({ client_id: `${++requests}` });
  assertEquals(await store.lookup(ISSUER), undefined);
  for (
    const change of [
      () => store.store(ISSUER, { client_id: "a" }),
      () => store.getOrRegister(ISSUER, register),
    ]
  ) {
    const error = await assertRejects(change, ClientStoreError, "a shorter one");
    assertEquals([error.code, requests], ["ENAMETOOLONG", 0]);
  }
  assertEquals(readdirSync(place.home), []);
  place.end();
});

/** What a user may have made the link of that root follows: a file, or the name of one. */
for (const isThere of [true, false]) {
  test(
    `root changes nothing through a user's link to ${
      isThere ? "what is not the user's" : "a directory that is not the user's"
    }`,
    { skip: !isRoot },
    async () => {
      const place = realPlace();
      const { join } = place.runtime;
      const target = join(place.home, "etc", "passwd");
      mkdirSync(join(target, ".."));
      if (isThere) writeFileSync(target, "root:x:0:0");
      const directory = join(place.file, "..");
      mkdirSync(directory, { recursive: true });
      chownSync(directory, 1234, 2345);
      symlinkSync(target, place.file);
      const store = openClientStore({ runtime: place.runtime, warn: () => {} });
      let requests = 0;
      const register = () => ({ client_id: `${++requests}` });
      for (
        const change of [
          () => store.store(ISSUER, { client_id: "a" }),
          () => store.getOrRegister(ISSUER, register),
        ]
      ) {
        const error = await assertRejects(change, ClientStoreError, "link");
        assertEquals([error.code, error.path, requests], ["EPERM", place.file, 0]);
      }
      assertEquals(readdirSync(join(target, "..")), isThere ? ["passwd"] : []);
      if (isThere) assertEquals(readFileSync(target, "utf8"), "root:x:0:0");
      // What is the user's own may lie wherever the user likes.
      chownSync(isThere ? target : join(target, ".."), 1234, 2345);
      if (isThere) writeFileSync(target, "{}");
      await store.store(ISSUER, { client_id: "a" });
      assertEquals(JSON.parse(readFileSync(target, "utf8")), { [ISSUER]: { client_id: "a" } });
      place.end();
    },
  );
}
