import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  type ClientInformation,
  type ClientStore,
  openClientStore,
  type Runtime,
} from "@oauth2/client-store";
import { createMemoryRuntime, type MemoryRuntime } from "@oauth2/client-store/memory";
import { interceptedRuntime } from "../support/intercepted_runtime.ts";
import { Disk } from "../support/disk.ts";

const ISSUER = "https://auth.example";
const OTHER = "https://other.example";
const HOME = "/home/u";
const OLD = {
  client_id: "old",
  scope: "old",
  registration_client_uri: "https://auth.example/old",
  registration_access_token: "t",
};
const NEW = { client_id: "new", client_secret: "s", scope: "new", client_secret_expires_at: 0 };

/** Each change, and what a fresh process may find after it. */
const changes: Record<
  string,
  { change: (store: ClientStore) => Promise<unknown>; after: ClientInformation | undefined }
> = {
  store: { change: (store) => store.store(ISSUER, NEW), after: NEW },
  remove: { change: (store) => store.remove(ISSUER), after: undefined },
  getOrRegister: {
    change: (store) => store.getOrRegister(ISSUER, () => NEW, { replace: "old" }),
    after: NEW,
  },
};

class Killed extends Error {}

/** A runtime whose process dies before operation `at`: that one and all later ones never happen. */
function mortal(runtime: Runtime, at: number): { runtime: Runtime; died: () => boolean } {
  let count = 0;
  const intercepted = interceptedRuntime(runtime, () => {
    if (count++ >= at) throw new Killed();
  });
  return { runtime: intercepted, died: () => count > at };
}

async function startingState(): Promise<MemoryRuntime> {
  const runtime = createMemoryRuntime({ env: { HOME }, files: { [`${HOME}/.profile`]: "" } });
  const store = openClientStore({ runtime });
  await store.store(OTHER, { client_id: "other" });
  await store.store(ISSUER, OLD);
  return runtime;
}

/** A fresh process finds the old state or the new one, and can store again, leaving no litter. */
async function checkFresh(
  runtime: Runtime,
  names: () => string[],
  allowed: unknown[],
  label: string,
) {
  const store = openClientStore({
    runtime,
    warn: (message) => assert(false, `${label}: ${message}`),
  });
  const found = await store.lookup(ISSUER);
  const isAllowed = allowed.some((state) =>
    JSON.stringify(sorted(state)) === JSON.stringify(sorted(found))
  );
  assert(isAllowed, `${label}: found ${JSON.stringify(found)}`);
  assertEquals(await store.lookup(OTHER), { client_id: "other" }, label);
  await store.store("https://fresh.example", { client_id: "fresh" });
  assertEquals(await store.lookup("https://fresh.example"), { client_id: "fresh" }, label);
  const litter = names().filter((name) =>
    !/registered(\.metadata)?\.json$|[0-9a-f]{16}\.lock$/.test(name)
  );
  assertEquals(litter, [], label);
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}

for (const [name, { change, after }] of Object.entries(changes)) {
  test(`${name}(), killed before any of its file operations, leaves the old state or the new`, async () => {
    const trials: Promise<void>[] = [];
    let isWhole = false;
    for (let at = 0; !isWhole; at++) {
      const memory = await startingState();
      const { runtime, died } = mortal(memory, at);
      await change(openClientStore({ runtime })).catch(() => {});
      isWhole = !died();
      const names = () => Object.keys(memory.files()).filter((path) => path.includes("ocamlgpt"));
      const allowed = isWhole ? [after] : [OLD, after];
      trials.push(checkFresh(memory, names, allowed, `killed before operation ${at}`));
    }
    assert(trials.length > 12, `${trials.length} operations`);
    await Promise.all(trials);
  });

  test(`${name}(), cut off from power after any of its file operations, leaves the old state or the new`, async () => {
    let outcomes = 0;
    const trials: Promise<void>[] = [];
    let isWhole = false;
    for (let at = 0; !isWhole; at++) {
      const disk = new Disk(await startingState());
      const { runtime, died } = mortal(disk.runtime, at);
      await change(openClientStore({ runtime })).catch(() => {});
      isWhole = !died();
      for (const survivor of disk.afterPowerCut()) {
        outcomes++;
        const names = () =>
          Object.keys(survivor.files()).filter((path) => path.includes("ocamlgpt"));
        // Once it has resolved, nothing may be lost.
        const allowed = isWhole ? [after] : [OLD, after];
        trials.push(checkFresh(survivor, names, allowed, `power cut before operation ${at}`));
      }
    }
    assert(outcomes > 40, `${outcomes} outcomes`);
    await Promise.all(trials);
  });
}

const FIT_ONE = { redirectUris: ["https://one.example/cb"] };
const FIT_TWO = { redirectUris: ["https://two.example/cb"] };

/** A client for one purpose, with what it takes to delete it. */
const clientFor = ({ redirectUris }: { redirectUris: string[] }, client_id: string) => ({
  client_id,
  client_secret: client_id,
  redirect_uris: redirectUris,
  registration_client_uri: `https://auth.example/${client_id}`,
  registration_access_token: "t",
});

/** Two clients of one issuer, each for a purpose of its own, and one that was replaced. */
async function severalRegistrations(): Promise<MemoryRuntime> {
  const runtime = createMemoryRuntime({ env: { HOME } });
  const store = openClientStore({ runtime });
  await store.store(ISSUER, clientFor(FIT_ONE, "replaced"));
  await store.store(ISSUER, clientFor(FIT_ONE, "zero"));
  await store.remove(ISSUER);
  for (const [fit, id] of [[FIT_ONE, "one"], [FIT_TWO, "two"]] as const) {
    await store.getOrRegister(ISSUER, () => clientFor(fit, id), fit);
  }
  return runtime;
}

/** What some of these changes begin with. */
const prepared: Record<string, (store: ClientStore) => Promise<unknown>> = {
  "storing where only kept ones are": (store) => store.remove(ISSUER, { client_id: "two" }),
  "registering where only kept ones are": (store) => store.remove(ISSUER, { client_id: "two" }),
};

/** Each change of an issuer with several clients. */
const severalChanges: Record<string, (store: ClientStore) => Promise<unknown>> = {
  "registering a third": (store) => {
    const fit = { redirectUris: ["https://three.example/cb"] };
    return store.getOrRegister(ISSUER, () => clientFor(fit, "three"), fit);
  },
  "replacing the kept one": (store) =>
    store.getOrRegister(ISSUER, () => clientFor(FIT_ONE, "next"), { ...FIT_ONE, replace: "one" }),
  "storing one that serves all": (store) => store.store(ISSUER, { client_id: "all" }),
  "removing the current one": (store) => store.remove(ISSUER, { client_id: "two" }),
  "removing the kept one": (store) => store.remove(ISSUER, { client_id: "one" }),
  "renewing the kept one": (store) =>
    store.amend(ISSUER, { ...clientFor(FIT_ONE, "one"), registration_access_token: "u" }),
  "logging out": (store) => store.remove(ISSUER),
  "storing where only kept ones are": (store) =>
    store.store(ISSUER, clientFor({ redirectUris: ["https://three.example/cb"] }, "three")),
  "registering where only kept ones are": (store) => {
    const fit = { redirectUris: ["https://three.example/cb"] };
    return store.getOrRegister(ISSUER, () => clientFor(fit, "three"), fit);
  },
};

/** What a fresh process finds for each purpose, and which clients it can still delete. */
async function findings(runtime: Runtime) {
  const store = openClientStore({ runtime });
  const current = (await store.lookup(ISSUER))?.client_id;
  const one = (await store.lookup(ISSUER, FIT_ONE))?.client_id;
  const two = (await store.lookup(ISSUER, FIT_TWO))?.client_id;
  const orphans = (await store.replaced()).map(({ client }) => client.client_id);
  const known = (await store.registrations(ISSUER)).all.map(({ client }) => client.client_id);
  return { current, one, two, known: new Set([...orphans, ...known]) };
}

for (const [what, change] of Object.entries(severalChanges)) {
  test(`${what} of several clients, killed or cut off from power anywhere, loses none and invents none`, async () => {
    const start = async () => {
      const runtime = await severalRegistrations();
      await prepared[what]?.(openClientStore({ runtime }));
      return runtime;
    };
    const before = await findings(await start());
    const changed = await start();
    await change(openClientStore({ runtime: changed }));
    const after = await findings(changed);
    const trials: Promise<void>[] = [];
    const check = async (runtime: Runtime, isWhole: boolean, label: string) => {
      const found = await findings(runtime);
      for (const purpose of ["current", "one", "two"] as const) {
        const allowed = isWhole ? [after[purpose]] : [before[purpose], after[purpose]];
        assert(allowed.includes(found[purpose]), `${label}: ${purpose} is ${found[purpose]}`);
      }
      for (const client_id of before.known) {
        assert(found.known.has(client_id) || !after.known.has(client_id), `${label}: ${client_id}`);
      }
      for (const client_id of found.known) {
        assert(before.known.has(client_id) || after.known.has(client_id), `${label}: ${client_id}`);
      }
    };
    let isWhole = false;
    for (let at = 0; !isWhole; at++) {
      const memory = await start();
      const { runtime, died } = mortal(memory, at);
      await change(openClientStore({ runtime })).catch(() => {});
      isWhole = !died();
      trials.push(check(memory, isWhole, `killed before operation ${at}`));
      const disk = new Disk(await start());
      const cut = mortal(disk.runtime, at);
      await change(openClientStore({ runtime: cut.runtime })).catch(() => {});
      for (const survivor of disk.afterPowerCut()) {
        trials.push(check(survivor, isWhole, `power cut before operation ${at}`));
      }
    }
    assert(trials.length >= 40, `${trials.length} trials`);
    await Promise.all(trials);
  });
}
