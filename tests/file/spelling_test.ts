import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ClientStoreError, type FileSystem, openClientStore } from "@oauth2/client-store";
import { behaves, type Trial } from "../support/behaviours.ts";

const ISSUER = "https://auth.example";
const OTHER = "https://other.example";

/** Stores what only the metadata tell of, then something else, and looks whether the first is whole. */
async function keepsMetadata({ open }: Trial, path: string): Promise<void> {
  const given = { client_id: "given", client_secret: "x", scope: "a" };
  await open({ path }).store(ISSUER, given, { source: "pre-registered" });
  await open({ path }).store(OTHER, { client_id: "c", scope: "b" });
  const store = open({ path });
  await store.store(OTHER, { client_id: "d" });
  await assertRejects(() => store.store(ISSUER, { client_id: "other" }), ClientStoreError);
  assertEquals(await open({ path }).lookup(ISSUER), given);
}

behaves(
  "a path that leads up from where a link leads is followed as the system does",
  async (trial) => {
    const { place } = trial;
    const { join } = place.runtime;
    const at = (...names: string[]) => join(place.home, ...names);
    place.write(at("real", "deep", "file"), "");
    place.link(at("real", "deep"), at("link"));
    const path = `${at("link")}/../registered.json`;
    place.write(`${at("real")}/registered.json.${crypto.randomUUID()}.tmp`, "half");
    await keepsMetadata(trial, path);
    assertEquals(place.runtime.fs.readDirectory(at("real")).toSorted(), [
      "deep",
      "registered.json",
      "registered.metadata.json",
    ]);
  },
  { needs: ["links"] },
);

behaves(
  "a backslash in a name is a letter like any other where it parts nothing",
  async (trial) => {
    const { place } = trial;
    const path = `${place.home}/team\\clients.json`;
    place.write(`${path}.${crypto.randomUUID()}.tmp`, "half");
    await keepsMetadata(trial, path);
    const names = place.runtime.fs.readDirectory(place.home);
    assertEquals(names.filter((name) => name.endsWith(".tmp")), []);
  },
  { needs: ["slashes"] },
);

behaves(
  "a directory in place of the file is left as it is, with all that it holds",
  async ({ open, place }) => {
    const { join, fs } = place.runtime;
    const names = [".metadata.json", "."].map((of) => `${of}.${crypto.randomUUID()}.tmp`);
    for (const name of names) place.write(join(place.home, "taken", name), "alive");
    const taken = join(place.home, "taken");
    const separator = join("a", "b").slice(1, 2);
    for (const path of [taken, `${taken}${separator}`, `${taken}${separator}.`]) {
      await assertRejects(() => open({ path }).store(ISSUER, { client_id: "a" }), ClientStoreError);
      assertEquals(fs.readDirectory(taken).toSorted(), names.toSorted());
    }
  },
);

test("a path that no file system can spell is refused", () => {
  assertThrows(() => openClientStore({ path: "/x/\ud800.json" }), TypeError, "well-formed");
});

behaves(
  "what a former holder has spelled in another case is fenced where that is one file",
  async (trial) => {
    const { open, place } = trial;
    const { join, fs } = place.runtime;
    const at = (name: string) => join(place.file, "..", name);
    await open().store(ISSUER, { client_id: "x", scope: "kept in the metadata" });
    const isOneFile = fs.stat(at("REGISTERED.json")) !== undefined;
    const left = [
      `Registered.json.${crypto.randomUUID()}.tmp`,
      `REGISTERED.metadata.json.${crypto.randomUUID()}.tmp`,
    ];
    for (const path of isOneFile ? [place.file, at("REGISTERED.json")] : [place.file]) {
      for (const name of left) place.write(at(name), "half");
      await open({ path }).store(OTHER, { client_id: path });
      const there = place.names().filter((name) => name.endsWith(".tmp"));
      // Elsewhere it is the file of another store, which has a lock of its own.
      assertEquals(there.toSorted(), isOneFile ? [] : left.toSorted());
    }
    if (!isOneFile) return;
    assertEquals((await open().lookup(ISSUER))?.scope, "kept in the metadata");
    assertEquals(place.names().toSorted(), ["registered.json", "registered.metadata.json"]);
  },
);

behaves(
  "metadata that a dying holder puts there while he is fenced are not lost",
  async ({ open, place }) => {
    const { fs } = place.runtime;
    const metadata = place.file.replace(".json", ".metadata.json");
    const last = `${metadata}.${crypto.randomUUID()}.tmp`;
    await open().store(ISSUER, { client_id: "old", scope: "a" });
    const text = place.read(metadata).replace('"old"', '"new"');
    place.remove(metadata);
    const listing = new Proxy(fs, {
      get: (target, operation: keyof FileSystem) => (...args: unknown[]) => {
        const result = (target[operation] as (...args: unknown[]) => unknown).apply(target, args);
        if (operation === "readDirectory" && place.exists(last)) fs.rename(last, metadata);
        return result;
      },
    });
    const { name, env, join } = place.runtime;
    const store = open({ runtime: { name, env, join, fs: listing } });
    await store.store(OTHER, { client_id: "before" }); // the first change looks in any case
    fs.createFile(last, text, 0o600, true);
    await store.store(OTHER, { client_id: "b", scope: "b" });
    assertEquals(Object.keys(JSON.parse(place.read(metadata)).issuers), [ISSUER, OTHER]);
  },
);
