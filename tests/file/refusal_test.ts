import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ClientStore, ClientStoreError, type FileSystem } from "@oauth2/client-store";
import { behaves } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";
import type { Place } from "../support/places.ts";

const ISSUER = "https://auth.example";
const CLIENT = { client_id: "x", scope: "a" };

/** A place where some operations are refused for some time from the first one on, as by a scanner. */
function scanned(
  place: Place,
  milliseconds: number,
  isScanned: (operation: keyof FileSystem, path: string) => boolean,
  code = "EBUSY",
) {
  let since: number | undefined;
  let refusals = 0;
  const runtime = interceptedRuntime(place.runtime, (operation, path) => {
    if (!isScanned(operation, path)) return;
    since ??= performance.now();
    // A busy machine may pause for longer than a scanner does.
    if (performance.now() - since > milliseconds && refusals > 2) return;
    refusals++;
    throw posixError(code);
  });
  return { runtime, refusals: () => refusals };
}

/** What may be refused while another program has the file open. */
const scans: Record<string, (operation: keyof FileSystem, path: string) => boolean> = {
  "the rename of registered.json": (operation, path) =>
    operation === "rename" && /registered\.json\.[^.]*\.tmp$/.test(path),
  "the rename of registered.metadata.json": (operation, path) =>
    operation === "rename" && /metadata\.json\.[^.]*\.tmp$/.test(path),
  "reading registered.json": (operation, path) =>
    operation === "readTextFile" && path.endsWith("registered.json"),
  "reading registered.metadata.json": (operation, path) =>
    operation === "readTextFile" && path.endsWith("metadata.json"),
  "creating the lock": (operation, path) => operation === "createFile" && path.endsWith(".lock"),
  "reading the lock": (operation, path) => operation === "readTextFile" && path.endsWith(".lock"),
  "removing the lock": (operation, path) => operation === "remove" && path.endsWith(".lock"),
  "removing what a dead process left": (operation, path) =>
    operation === "remove" && path.includes("00000000-0000"),
};

const CODES = ["EPERM", "EACCES", "EBUSY"];

for (const [at, [what, isScanned]] of Object.entries(scans).entries()) {
  for (const code of what.startsWith("the rename") ? CODES : [CODES[at % CODES.length] ?? ""]) {
    behaves(`${what} is tried again when it is refused with ${code}`, async ({ open, place }) => {
      await open().store("https://old.example", { client_id: "old", scope: "old" });
      place.write(`${place.file}.00000000-0000-4000-8000-000000000000.tmp`, "half");
      const { runtime, refusals } = scanned(place, 100, isScanned, code);
      await open({ runtime }).store(ISSUER, CLIENT);
      assert(refusals() > 2, `${refusals()} refusals`);
      assertEquals((await open().lookup(ISSUER))?.scope, "a");
      assertEquals(place.names(), ["registered.json", "registered.metadata.json"]);
    });
  }
}

behaves(
  "what is refused for good is told of after some tries",
  async ({ open, place }) => {
    const isRename = (operation: keyof FileSystem) => operation === "rename";
    const { runtime, refusals } = scanned(place, Infinity, isRename);
    const error = await assertRejects(
      () => open({ runtime }).store(ISSUER, CLIENT),
      ClientStoreError,
    );
    assertEquals(error.code, "EBUSY");
    // With the pauses in between that is about a second: less than others wait for a dead holder.
    assert(refusals() > 5 && refusals() < 40, `${refusals()} refusals`);
    assertEquals(place.names(), []);
  },
);

behaves(
  "who has lost the lock while it was refused does not try again without it",
  async ({ open, place }) => {
    let isTaken = false;
    const runtime = interceptedRuntime(place.runtime, (operation) => {
      if (operation !== "rename" || isTaken) return;
      isTaken = true;
      place.write(`${place.file}.lock`, "another");
      setTimeout(() => place.remove(`${place.file}.lock`), 100);
      throw posixError("EPERM");
    });
    await open({ runtime }).store(ISSUER, CLIENT);
    assertEquals(await open().lookup(ISSUER), CLIENT);
    assertEquals(place.names(), ["registered.json", "registered.metadata.json"]);
  },
);

behaves(
  "getOrRegister() asks no server for what only the holder of the lock could read just now",
  async ({ open, place }) => {
    await open().store(ISSUER, CLIENT);
    const runtime = interceptedRuntime(place.runtime, (operation, path) => {
      const isLocked = place.names().includes("registered.json.lock");
      if (operation === "readTextFile" && path === place.file && !isLocked) {
        throw posixError("EBUSY");
      }
    });
    const register = () => Promise.reject(new Error("nobody is to be asked"));
    assertEquals(await open({ runtime }).getOrRegister(ISSUER, register), CLIENT);
  },
);

behaves(
  "what a server has answered is tried longer than any store",
  async ({ open, place }) => {
    let hasAnswered = false;
    const isAfterwards = (operation: keyof FileSystem) => hasAnswered && operation === "rename";
    const { runtime } = scanned(place, 3000, isAfterwards);
    let registrations = 0;
    const register = () => {
      hasAnswered = true;
      return { ...CLIENT, client_id: `${++registrations}` };
    };
    const others = Array.from({ length: 3 }, () => open().getOrRegister(ISSUER, register));
    const clients = await Promise.all([
      open({ runtime }).getOrRegister(ISSUER, register),
      ...others,
    ] as ReturnType<ClientStore["getOrRegister"]>[]);
    assertEquals([registrations, clients.map(({ client_id }) => client_id)], [
      1,
      Array(4).fill("1"),
    ]);
  },
);

behaves(
  "what a server has answered is tried longer, also when a registration ends that was given up",
  async ({ open, place }) => {
    let hasAnswered = false;
    const isAfterwards = (operation: keyof FileSystem) => hasAnswered && operation === "rename";
    const { runtime } = scanned(place, 3000, isAfterwards);
    const store = open({ runtime });
    const controller = new AbortController();
    let end = (_error: Error) => {};
    const first = store.getOrRegister(ISSUER, () => {
      controller.abort(new Error("given up"));
      return new Promise((_, reject) => end = reject); // whatever the signal says
    }, { signal: controller.signal });
    await assertRejects(() => first, Error, "given up");
    // Its lock does not beat any more: the next one need not wait until it counts as abandoned.
    for (const name of place.names()) place.remove(place.runtime.join(place.file, "..", name));
    const client = await store.getOrRegister(ISSUER, async () => {
      end(new Error("ended"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      hasAnswered = true;
      return CLIENT;
    });
    assertEquals([client, await open().lookup(ISSUER)], [CLIENT, CLIENT]);
  },
);
