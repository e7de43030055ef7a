import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type FileInfo, openClientStore, type Runtime } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import {
  interceptedRuntime,
  type OnOperation,
  posixError,
} from "../support/intercepted_runtime.ts";
import { metadataText } from "../support/metadata.ts";

const ISSUER = "https://auth.example";
const FILE = "/home/u/.config/ocamlgpt/registered.json";
const text = (client_id: string) => JSON.stringify({ [ISSUER]: { client_id } });

/** A runtime whose only file has the stamp that a test gives it. */
function stamped(info: Partial<FileInfo>, onOperation: OnOperation = () => {}) {
  const memory = createMemoryRuntime({
    env: { HOME: "/home/u" },
    files: { [FILE]: text("first") },
  });
  const stamp = { mtime: 0, ctime: 0, size: 1, ino: 1, ...info };
  const counted = { stat: 0, other: 0 };
  const runtime: Runtime = interceptedRuntime(memory, (operation, path) => {
    counted[operation === "stat" ? "stat" : "other"]++;
    onOperation(operation, path);
  });
  const stat = runtime.fs.stat;
  const fs = new Proxy(runtime.fs, {
    get: (target, name) =>
      name === "stat"
        ? (path: string) => stat(path) && { ...stamp }
        : target[name as keyof typeof target],
  });
  const store = openClientStore({ runtime: { ...runtime, fs } });
  const look = async () => (await store.lookup(ISSUER))?.client_id;
  return {
    stamp,
    counted,
    look,
    replace: (client_id: string) => memory.write(FILE, text(client_id)),
    write: memory.write,
  };
}

/** The same, looked up until the cache counts: a command that looks up once need not pay for it. */
async function warmed(info: Partial<FileInfo>) {
  const place = stamped(info);
  await place.look();
  await place.look();
  return place;
}

test("lookup() of an unchanged file costs one stat and opens nothing", async () => {
  const { look, counted } = await warmed({});
  for (let n = 0; n < 10; n++) {
    counted.stat = counted.other = 0;
    assertEquals(await look(), "first");
    assertEquals(counted, { stat: 1, other: 0 });
  }
});

for (const member of ["mtime", "ctime", "size", "ino"] as const) {
  test(`lookup() reads again when ${member} has changed`, async () => {
    const { look, stamp, replace } = await warmed({});
    replace("other");
    assertEquals(await look(), "first"); // the stamp is all that it goes by
    stamp[member]++;
    assertEquals(await look(), "other");
  });
}

test("lookup() reads again what it could not read the last time", async () => {
  const metadata = FILE.replace(".json", ".metadata.json");
  let isBroken = true;
  const { look, write } = stamped({}, (operation, path) => {
    if (isBroken && operation === "readTextFile" && path === metadata) throw posixError("EMFILE");
  });
  for (const [expiry, found] of [[1, undefined], [1e12, "first"]] as const) {
    write(
      metadata,
      metadataText({ [ISSUER]: { client_id: "first", client_secret_expires_at: expiry } }),
    );
    isBroken = true; // what is not known of a client may be that it has expired
    for (let n = 0; n < 3; n++) assertEquals(await look(), undefined);
    isBroken = false;
    assertEquals(await look(), found);
  }
});

test("lookup() does not read again what is no UTF-8", async () => {
  const { look, write, counted } = stamped({});
  write(FILE.replace(".json", ".metadata.json"), new Uint8Array([0x7b, 0xff]));
  for (let n = 0; n < 3; n++) {
    counted.stat = counted.other = 0;
    assertEquals(await look(), "first");
  }
  assertEquals(counted, { stat: 1, other: 0 });
});

test("lookup() does not trust a stamp from within two seconds of the reading", async () => {
  for (const member of ["mtime", "ctime"] as const) {
    const { look, replace } = stamped({ [member]: Date.now() - 1000 });
    assertEquals(await look(), "first");
    replace("other");
    assertEquals(await look(), "other");
  }
});

test("lookup() does not trust a stamp from the future", async () => {
  const { look, replace } = stamped({ mtime: Date.now() + 3_600_000 });
  assertEquals(await look(), "first");
  replace("other");
  assertEquals(await look(), "other");
});

test("lookup() does not trust a file system without times", async () => {
  const { look, replace } = stamped({ mtime: NaN, ctime: NaN });
  assertEquals(await look(), "first");
  replace("other");
  assertEquals(await look(), "other");
});

test("a clock that was set back does not make a stale cache valid", async () => {
  const { look, replace } = await warmed({ mtime: Date.now() - 5000 });
  replace("other");
  assertEquals(await look(), "first"); // as above: same stamp, so same file
  const { now } = Date;
  try {
    // The clock goes back, and the file is replaced in the very millisecond of its stamp.
    Date.now = () => now() - 5000;
    assertEquals(await look(), "other");
  } finally {
    Date.now = now;
  }
});

test("lookup() reads client and metadata of one moment", async () => {
  const memory = createMemoryRuntime({ env: { HOME: "/home/u" } });
  const writer = openClientStore({ runtime: memory });
  await writer.store(ISSUER, { client_id: "1", scope: "1" });
  // Another process replaces both files between our reading of the one and of the other.
  let isReplaced = false;
  const fs = new Proxy(memory.fs, {
    get: (target, name) => (...args: never[]) => {
      const operation = target[name as keyof typeof target] as (...args: never[]) => unknown;
      const result = operation.apply(target, args);
      if (name === "readTextFile" && String(args[0]) === FILE && !isReplaced) {
        isReplaced = true;
        const metadata = FILE.replace(".json", ".metadata.json");
        const client = { client_id: "2", scope: "2" };
        memory.write(metadata, metadataText({ [ISSUER]: client }));
        memory.fs.rename(FILE, `${FILE}.old`);
        memory.write(FILE, text("2"));
      }
      return result;
    },
  });
  const client = await openClientStore({ runtime: { ...memory, fs } }).lookup(ISSUER);
  assert(isReplaced);
  assertEquals(client, { client_id: "2", scope: "2" });
});

test("lookup() is not stale where the clock runs ahead of the file system's", async () => {
  const time = () => Date.now() - 10_000;
  const { stamp, look, replace } = await warmed({ mtime: time() - 1, ctime: time() - 1 });
  replace("second");
  Object.assign(stamp, { mtime: time(), ctime: time() });
  assertEquals(await look(), "second");
  replace("thirds"); // within the same step of that clock
  assertEquals(await look(), "thirds");
});

test("list() reads the file once, however many clients are in it and however young it is", async () => {
  const entries = Array.from(
    { length: 50 },
    (_, n) => [`https://${n}.example`, { client_id: "x" }],
  );
  const memory = createMemoryRuntime({
    env: { HOME: "/home/u" },
    files: { [FILE]: JSON.stringify(Object.fromEntries(entries)) },
  });
  let reads = 0;
  const runtime = interceptedRuntime(memory, (operation, path) => {
    if (operation === "readTextFile" && path === FILE) reads++;
  });
  assertEquals((await openClientStore({ runtime }).list()).size, 50);
  assertEquals(reads, 1);
});
