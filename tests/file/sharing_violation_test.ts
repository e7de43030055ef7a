import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type FileStore, openClientStore, type Runtime } from "@oauth2/client-store";
import { interceptedRuntime } from "../support/intercepted_runtime.ts";
import {
  createWindowsRuntime,
  type Sharing,
  type WindowsRuntime,
} from "../support/windows_runtime.ts";

const ISSUER = "https://auth.example";
const HOME = { USERPROFILE: "C:\\Users\\u" };
const DIRECTORY = "C:\\Users\\u\\.config\\ocamlgpt";
const FILE = `${DIRECTORY}\\registered.json`;

/** Has a file open for a moment. */
function scan(windows: WindowsRuntime, path: string, sharing: Sharing, milliseconds: number): void {
  const close = windows.hold(path, sharing);
  setTimeout(close, milliseconds);
}

const open = (runtime: Runtime) => openClientStore({ runtime, warn: () => {} });

/** What a scanner must not be in the way of; each ends with this client under its issuer. */
const changes: { [name: string]: (store: FileStore) => Promise<unknown> } = {
  store: (store) => store.store(ISSUER, { client_id: "new", scope: "b" }),
  getOrRegister: (store) => store.getOrRegister(ISSUER, () => ({ client_id: "new", scope: "b" })),
  "getOrRegister of what is there already": async (store) => {
    await store.store(ISSUER, { client_id: "new", scope: "b" });
    const register = () => ({ client_id: "another", scope: "b" });
    assertEquals((await store.getOrRegister(ISSUER, register)).client_id, "new");
  },
  remove: async (store) => {
    await store.remove("https://old.example");
    await store.store(ISSUER, { client_id: "new" });
  },
};

/** Makes a change while a scanner comes at one of its operations; `false` when there are not as many. */
async function isScanned(
  change: (store: FileStore) => Promise<unknown>,
  { sharing, pendingDeletes, scanAt }: {
    sharing: Sharing;
    pendingDeletes: boolean;
    scanAt: number;
  },
): Promise<boolean> {
  const windows = createWindowsRuntime(HOME, { pendingDeletes });
  await open(windows).store("https://old.example", { client_id: "old", scope: "a" });
  let count = 0;
  const runtime = interceptedRuntime(windows, (_operation, path) => {
    if (!path.startsWith(DIRECTORY) || count++ !== scanAt) return;
    for (const file of new Set([path, FILE, `${FILE}.lock`])) scan(windows, file, sharing, 20);
  });
  await change(open(runtime));
  await new Promise((resolve) => setTimeout(resolve, 25)); // the scanner is done, too
  const client = await open(windows).lookup(ISSUER);
  assertEquals(client?.client_id, "new", `scanned at ${scanAt}`);
  await open(windows).store("https://last.example", { client_id: "last" });
  const left = windows.fs.readDirectory(DIRECTORY).sort();
  assertEquals(left, ["registered.json", "registered.metadata.json"], `scanned at ${scanAt}`);
  return count > scanAt;
}

const AT_ONCE = 8;

const scanners = [
  { sharing: "everything", pendingDeletes: false, deletes: "deletes at once" },
  { sharing: "everything", pendingDeletes: true, deletes: "leaves deletes pending" },
  { sharing: "all but delete", pendingDeletes: false, deletes: "refuses deletes" },
  { sharing: "nothing", pendingDeletes: false, deletes: "refuses everything" },
] as const;

for (const { deletes, ...scanner } of scanners) {
  for (const [name, change] of Object.entries(changes)) {
    test(`${name}() gets through whenever a scanner comes that shares ${scanner.sharing} and ${deletes}`, async () => {
      let steps = 0;
      // A few at a time: what is refused is tried again for a while only, however slow the machine.
      for (let isLast = false; !isLast; steps += AT_ONCE) {
        const trials = Array.from(
          { length: AT_ONCE },
          (_, n) => isScanned(change, { ...scanner, scanAt: steps + n }),
        );
        isLast = (await Promise.all(trials)).includes(false);
      }
      assert(steps > 10, `${steps} operations were scanned`);
    });
  }
}

for (const [name, change] of Object.entries(changes)) {
  test(`${name}() gets through where the file is still being deleted`, async () => {
    const windows = createWindowsRuntime(HOME, { pendingDeletes: true });
    await open(windows).store("https://old.example", { client_id: "old" });
    scan(windows, FILE, "everything", 20);
    windows.fs.remove(FILE);
    await change(open(windows));
    assertEquals((await open(windows).lookup(ISSUER))?.client_id, "new");
  });
}

test("eight that wait and read beside whoever renames register once", async () => {
  for (let round = 0; round < 10; round++) {
    const windows = createWindowsRuntime(HOME);
    await open(windows).store("https://old.example", { client_id: "old", scope: "a" });
    let requests = 0;
    const register = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { client_id: `client-${++requests}`, scope: "a" };
    };
    const clients = await Promise.all(Array.from({ length: 8 }, () => {
      const runtime = interceptedRuntime(windows, (operation, path) => {
        if (operation.startsWith("read") && path.startsWith(FILE)) {
          scan(windows, path, "everything", 2);
        }
      });
      return open(runtime).getOrRegister(ISSUER, register);
    }));
    assertEquals(requests, 1);
    assert(clients.every((client) => client.client_id === "client-1"));
  }
});
