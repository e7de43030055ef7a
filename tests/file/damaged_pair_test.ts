import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { damage } from "../support/damage.ts";
import { metadataFileOf } from "../support/metadata.ts";
import { random } from "../support/random.ts";

const SEED = Number(globalThis.process?.env.SEED ?? 7592);
const HOME = "/home/u";
const FILE = `${HOME}/.config/ocamlgpt/registered.json`;
const NEW = "https://new.example";
const ISSUERS = ["https://one.example", "https://two.example", "https://three.example"];
const PURPOSES = ["a", "b", "c"];

const fitOf = (purpose: string) => ({ redirectUris: [`https://${purpose}.example/callback`] });
const idOf = (issuer: string, purpose: string) => `${issuer.slice(8, -8)}-${purpose}`;

/** The files of a store with clients for each purpose at each issuer; the last one is current. */
async function wholeFiles(): Promise<{ registry: string; metadata: string }> {
  const runtime = createMemoryRuntime({ env: { HOME } });
  const store = openClientStore({ runtime });
  for (const issuer of ISSUERS) {
    for (const purpose of PURPOSES) {
      const fit = fitOf(purpose);
      const client = { client_id: idOf(issuer, purpose), redirect_uris: fit.redirectUris };
      await store.getOrRegister(issuer, () => client, fit);
    }
  }
  const files = runtime.files();
  return { registry: files[FILE] ?? "", metadata: files[metadataFileOf(FILE)] ?? "" };
}

/** Tells whether the bytes say of themselves that they are metadata of this version, or of another. */
function isLegible(bytes: Uint8Array, isMetadata: boolean): boolean {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return !isMetadata || value.version !== undefined;
  } catch {
    return false;
  }
}

test("whatever is damaged of both files at once is kept aside, and what is whole of them found", async () => {
  const whole = await wholeFiles();
  const next = random(SEED);
  for (let n = 0; n < 500; n++) {
    const label = `seed ${SEED}, trial ${n}`;
    const known = damage(whole.metadata, next);
    const entries = n % 3 === 0
      ? { bytes: new TextEncoder().encode(whole.registry), damagedAt: { from: -1, to: -1 } }
      : damage(whole.registry, next);
    const files = { [FILE]: entries.bytes, [metadataFileOf(FILE)]: known.bytes };
    const runtime = createMemoryRuntime({ env: { HOME }, files });
    const warnings: string[] = [];
    const store = openClientStore({ runtime, warn: (message) => warnings.push(message) });
    for (const issuer of ISSUERS) await store.lookup(issuer, fitOf("a"));
    await store.list();
    await store.store(NEW, { client_id: "new" });
    assertEquals(await store.lookup(NEW), { client_id: "new" }, label);

    const copies = Object.keys(runtime.files()).filter((path) => path.includes(".corrupt-"));
    for (const [path, bytes] of Object.entries(files)) {
      if (isLegible(bytes, path !== FILE)) continue;
      const copy = copies.find((copy) => copy.startsWith(path));
      assert(copy, `${label}: ${path} is not kept aside`);
      assertEquals(runtime.fs.readFile(copy), bytes, label);
    }
    assertEquals(copies.length * 2, warnings.filter((one) => !one.includes("version")).length);

    // Where a line of the metadata and the entry of its issuer are whole, the client is found.
    const isUnknown = warnings.some((warning) => warning.includes("version"));
    for (const issuer of ISSUERS) {
      const isNamed = isWhole(whole.registry, `"${issuer}": {`, entries.damagedAt);
      const current = await store.lookup(issuer);
      if (isNamed) assertEquals(current?.client_id, idOf(issuer, "c"), `${label}, ${issuer}`);
      for (const purpose of ["a", "b"]) {
        const line = `{"issuer":"${issuer}","client":{"client_id":"${idOf(issuer, purpose)}"`;
        if (!isNamed || isUnknown || !isWhole(whole.metadata, line, known.damagedAt)) continue;
        const { all } = await store.registrations(issuer);
        const found = all.find(({ client }) => client.client_id === idOf(issuer, purpose));
        assertEquals(found?.state, "kept", `${label}, ${issuer} for ${purpose}`);
      }
    }
    await store.store(NEW, { client_id: "newer", scope: "a" });
    const after = Object.keys(runtime.files()).filter((path) => path.includes(".corrupt-"));
    assertEquals(after, copies, `${label}: kept aside again`);
  }
});

/** Tells whether the damage left the line alone that begins with this, and those around it. */
function isWhole(text: string, start: string, damagedAt?: { from: number; to: number }): boolean {
  const at = text.indexOf(start);
  assert(at >= 0, start);
  const end = text.indexOf("\n", at);
  return damagedAt === undefined || damagedAt.to < at - 4 || damagedAt.from > end + 2;
}
