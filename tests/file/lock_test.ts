import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ClientStoreError, type FileSystem, openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { Lock } from "../../src/file/lock.ts";
import { behaves } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";

/** Milliseconds that `action` takes. */
async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

behaves(
  "store() recovers the lock of a dead process within 3 s, and not at once",
  async ({ open, place }) => {
    for (const content of ["dead-nonce", ""]) {
      place.write(`${place.file}.lock`, content);
      const waited = await timed(() => open().store(ISSUER, { client_id: "x" }));
      assert(waited > 1400 && waited < 3000, `waited ${waited} ms`);
      assertEquals(place.names(), ["registered.json"]);
    }
  },
);

behaves(
  "a dead process's lock that only its user may read is recovered as well",
  async ({ open, place }) => {
    const runtime = interceptedRuntime(place.runtime, (operation, path) => {
      if (operation !== "readTextFile" || !path.endsWith(".lock")) return;
      if (place.read(path) === "dead-nonce") throw posixError("EACCES");
    });
    place.write(`${place.file}.lock`, "dead-nonce");
    const waited = await timed(() => open({ runtime }).store(ISSUER, { client_id: "x" }));
    assert(waited > 1400 && waited < 3000, `waited ${waited} ms`);
    assertEquals(place.names(), ["registered.json"]);
  },
);

behaves("a lock that cannot be removed is told of, and not waited for", async ({ open, place }) => {
  const store = open();
  let lock = "";
  await store.getOrRegister("https://first.example", () => {
    lock = place.names().find((name) => /^registered\.json\.[0-9a-f]{16}\.lock$/.test(name)) ?? "";
    return { client_id: "1" };
  });
  const longLock = place.runtime.join(place.file, "..", lock);
  await store.remove("https://first.example");
  place.write(`${place.file}.lock/in/the/way`, "");
  place.write(`${longLock}/in/the/way`, "");
  const changes = {
    [longLock]: () => store.getOrRegister("https://first.example", () => ({ client_id: "2" })),
    [`${place.file}.lock`]: () => store.store(ISSUER, { client_id: "x" }),
  };
  for (const [path, change] of Object.entries(changes)) {
    const error = await assertRejects(change, ClientStoreError);
    assertEquals(error.path, path);
    assertMatch(error.message, /cannot remove ".*" \(E\w+\): it is a directory; move it away/);
  }
});

behaves(
  "store() recovers from a recoverer that was killed while recovering",
  async ({ open, place }) => {
    place.write(`${place.file}.lock`, "dead-nonce");
    place.write(`${place.file}.lock.break`, "dead-recoverer");
    const waited = await timed(() => open().store(ISSUER, { client_id: "x" }));
    assert(waited < 3000, `waited ${waited} ms`);
    assertEquals(place.names(), ["registered.json"]);
  },
);

behaves("store() removes what killed processes left, without waiting", async ({ open, place }) => {
  const metadata = place.file.replace(".json", ".metadata.json");
  for (const file of [place.file, metadata]) {
    place.write(`${file}.${crypto.randomUUID()}.tmp`, "half");
  }
  place.write(`${place.file}.lock.break`, "dead-recoverer");
  const waited = await timed(() => open().store(ISSUER, { client_id: "x" }));
  assert(waited < 1000, `waited ${waited} ms`);
  assertEquals(place.names(), ["registered.json"]);
});

behaves(
  "many that wait for a dead process's lock all get their turn, and lose nothing",
  async ({ open, place }) => {
    place.write(`${place.file}.lock`, "dead-nonce");
    const issuers = Array.from({ length: 12 }, (_, n) => `https://${n}.example`);
    await Promise.all(issuers.map((issuer) => open().store(issuer, { client_id: "x" })));
    assertEquals([...(await open().list()).keys()].sort(), issuers.sort());
    assertEquals(place.names(), ["registered.json"]);
  },
);

behaves(
  "store() does not take the lock from a process that shows signs of life",
  async ({ open, place }) => {
    place.write(`${place.file}.lock`, "alive-0");
    let beats = 0;
    const timer = setInterval(() => place.write(`${place.file}.lock`, `alive-${++beats}`), 500);
    const storing = open({ lockTimeout: 3000 }).store(ISSUER, { client_id: "x" });
    const error = await assertRejects(() => storing, ClientStoreError);
    clearInterval(timer);
    assertEquals([error.code, error.path], ["ETIMEDOUT", `${place.file}.lock`]);
    assertMatch(
      error.message,
      /cannot lock ".*registered\.json\.lock" within 3000 ms \(age of the lock: about \d+ ms\)/,
    );
    assertEquals(await open().lookup(ISSUER), undefined);
  },
);

behaves("the wait for the lock ends with its signal", async ({ open, place }) => {
  place.write(`${place.file}.lock`, "other");
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")), 50);
  const { signal } = controller;
  const waited = await timed(() =>
    assertRejects(() => open().store(ISSUER, { client_id: "x" }, { signal }), Error, "enough")
  );
  assert(waited < 1000, `waited ${waited} ms`);
  assertEquals(place.names(), ["registered.json.lock"]);
});

behaves("lookup() and list() take no lock", async ({ open, place }) => {
  await open().store(ISSUER, { client_id: "x" });
  place.write(`${place.file}.lock`, "other");
  const waited = await timed(async () => {
    assertEquals(await open().lookup(ISSUER), { client_id: "x" });
    assertEquals((await open().list()).size, 1);
  });
  assert(waited < 1000, `waited ${waited} ms`);
});

for (
  const moment of [
    "before its temporary file",
    "before its rename",
    "after its temporary file was taken",
  ]
) {
  behaves(
    `a holder that was suspended and lost the lock ${moment} starts over`,
    async ({ open, place }) => {
      await open().store("https://old.example", { client_id: "old" });
      let isStolen = false;
      const runtime = interceptedRuntime(place.runtime, (operation, path) => {
        const isNow = moment === "before its temporary file"
          ? operation === "createFile" && path.endsWith(".tmp")
          : moment === "before its rename"
          ? operation === "readTextFile" && path.endsWith(".lock")
          : operation === "rename";
        if (!isNow || isStolen) return;
        isStolen = true;
        // While it slept, another process took it for dead, made its change, and went.
        const { fs, join } = place.runtime;
        fs.remove(`${place.file}.lock`);
        for (const name of place.names().filter((name) => name.endsWith(".tmp"))) {
          fs.remove(join(place.file, "..", name));
        }
        const members = {
          ...JSON.parse(place.read(place.file)),
          "https://other.example": { client_id: "other" },
        };
        fs.createFile(`${place.file}.tmp`, JSON.stringify(members), 0o600, true);
        fs.rename(`${place.file}.tmp`, place.file);
      });
      await open({ runtime }).store(ISSUER, { client_id: "x" });
      assert(isStolen);
      const issuers = [...(await open().list()).keys()];
      assertEquals(issuers, ["https://old.example", "https://other.example", ISSUER]);
      assertEquals(place.names(), ["registered.json"]);
    },
  );
}

test("a recoverer leaves a lock alone that has changed hands meanwhile", async () => {
  const memory = createMemoryRuntime({ env: { HOME: "/h" } });
  const store = openClientStore({ runtime: memory });
  const lock = `${store.path}.lock`;
  memory.write(lock, "dead");
  let isHandedOver = false;
  const runtime = interceptedRuntime(memory, (operation, path) => {
    if (operation !== "createFile" || !path.endsWith(".break") || isHandedOver) return;
    isHandedOver = true;
    memory.write(lock, "alive");
    setTimeout(() => memory.fs.remove(lock), 300);
  });
  await openClientStore({ runtime }).store(ISSUER, { client_id: "x" });
  assert(isHandedOver);
  assertEquals(Object.keys(memory.files()), [store.path]);
});

behaves(
  "another program's temporary file is left alone until it is a minute old",
  async ({ open, place }) => {
    const foreign = `${place.file}.tmp`;
    const runtime = interceptedRuntime(place.runtime, () => {});
    let age = 30_000;
    const fs: FileSystem = new Proxy(runtime.fs, {
      get: (target, operation: keyof FileSystem) => (...args: [string]) => {
        const result = (target[operation] as (path: string) => unknown)(...args);
        const isForeign = operation === "stat" && args[0] === foreign;
        return isForeign ? { ...result as object, mtime: Date.now() - age } : result;
      },
    });
    place.write(foreign, "half");
    await open({ runtime: { ...runtime, fs } }).store(ISSUER, { client_id: "x" });
    assertEquals(place.names(), ["registered.json", "registered.json.tmp"]);
    age = 61_000;
    await open({ runtime: { ...runtime, fs } }).store(ISSUER, { client_id: "y" });
    assertEquals(place.names(), ["registered.json"]);
  },
);

test("a lock that another one has taken meanwhile is not given back for him, however soon", async () => {
  const memory = createMemoryRuntime();
  const path = "/registered.json.0123456789abcdef.lock";
  const [ours, theirs] = [new Lock(memory, path), new Lock(memory, path)];
  assert(ours.tryAcquire());
  memory.fs.remove(path);
  assert(theirs.tryAcquire());
  await ours.release();
  assert(theirs.isHeld());
});

test("who is fenced leaves the lock to whom it went", async () => {
  const memory = createMemoryRuntime({ env: { HOME: "/h" } });
  const store = openClientStore({ runtime: memory });
  const lock = `${store.path}.lock`;
  const seen: unknown[] = [];
  const runtime = interceptedRuntime(memory, (operation, path) => {
    if (operation === "rename" && seen.length === 0) {
      // Between our last look and our rename another process takes over, and fences us.
      memory.fs.remove(path);
      memory.write(lock, "theirs");
      seen.push("theirs");
      setTimeout(() => {
        seen.push(memory.files()[lock]);
        memory.fs.remove(lock);
      }, 100);
    }
  });
  await openClientStore({ runtime }).store(ISSUER, { client_id: "x" });
  assertEquals(seen, ["theirs", "theirs"]);
});

behaves(
  "a lock that is empty for a moment each time is not taken for one that nobody holds",
  async ({ open, place }) => {
    const lock = `${place.file}.lock`;
    // Each of those who come and go is seen between creating its lock and writing it.
    const next = () => {
      place.remove(lock);
      place.write(lock, "");
    };
    next();
    const timer = setInterval(next, 400);
    const removals: string[] = [];
    const runtime = interceptedRuntime(place.runtime, (operation, path) => {
      if (operation === "remove" && path === lock) removals.push(path);
    });
    const storing = open({ runtime, lockTimeout: 2500 }).store(ISSUER, { client_id: "x" });
    const error = await assertRejects(() => storing, ClientStoreError);
    clearInterval(timer);
    assertEquals([error.code, removals], ["ETIMEDOUT", []]);
  },
);

test("a lock that cannot be created does not cost another process the one it has just created", async () => {
  const memory = createMemoryRuntime({ env: { HOME: "/h" } });
  const store = openClientStore({ runtime: memory });
  const lock = `${store.path}.lock`;
  const runtime = interceptedRuntime(memory, (operation, path) => {
    if (operation !== "createFile" || path !== lock) return;
    memory.write(lock, ""); // by another process, which writes it a moment later
    setTimeout(() => memory.write(lock, "alive"), 5);
    throw posixError("EMFILE");
  });
  const storing = openClientStore({ runtime }).store(ISSUER, { client_id: "x" });
  assertEquals((await assertRejects(() => storing, ClientStoreError)).code, "EMFILE");
  assertEquals(memory.files()[lock], "alive");
});
