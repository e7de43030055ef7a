import { test } from "node:test";
import { chownSync, linkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assertEquals, assertRejects } from "@std/assert";
import { ClientStoreError, type FileSystem, openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { realPlace } from "../support/places.ts";

/** What is found of owners where the home, the directory and the files belong to these users. */
async function owners(home: number, directory: number, files: number): Promise<string[]> {
  const memory = createMemoryRuntime({ env: { HOME: "/home/u" } });
  const uidOf = (path: string) =>
    path.endsWith(".json") ? files : path.endsWith("ocamlgpt") ? directory : home;
  const stat = (path: string) => {
    const info = memory.fs.stat(path);
    return info && { ...info, uid: uidOf(path) };
  };
  const fs = new Proxy(memory.fs as FileSystem, {
    get: (target, name: keyof FileSystem) => name === "stat" ? stat : target[name].bind(target),
  });
  const runtime = { ...memory, fs };
  await openClientStore({ runtime: memory }).store("https://auth.example", {
    client_id: "a",
    scope: "b",
  });
  const found = await openClientStore({ runtime }).examine();
  return found.filter(({ code }) => code === "owner").map(({ path }) =>
    path.split("/").at(-1) ?? ""
  );
}

test("examine() tells what root has left in a user's home", async () => {
  const files = ["registered.json", "registered.metadata.json"];
  assertEquals(await owners(1000, 1000, 0), files);
  assertEquals(await owners(1000, 0, 0), ["ocamlgpt"]);
  assertEquals(await owners(1000, 1000, 1001), files);
});

test("examine() finds nothing in what is one user's, root's or another's", async () => {
  assertEquals(await owners(1000, 1000, 1000), []);
  assertEquals(await owners(0, 0, 0), []);
  assertEquals(await owners(0, 1000, 1000), []);
});

test("mend() gives what root has left to whom the directory around it belongs", {
  skip: globalThis.process.getuid?.() === 0 ? false : "only root may give files away",
}, async () => {
  const place = realPlace();
  const { runtime, home, file } = place;
  try {
    chownSync(home, 1000, 1000);
    const store = openClientStore({ runtime });
    await store.store("https://auth.example", { client_id: "a", scope: "b" });
    const around = [dirname(dirname(file)), dirname(file)];
    const files = [file, file.replace(".json", ".metadata.json")];
    for (const path of [...around, ...files]) chownSync(path, 1000, 1000);
    for (const path of [dirname(file), ...files]) chownSync(path, 0, 0);
    const found = await store.examine();
    assertEquals(found.map(({ code, path }) => [code, path]), [["owner", dirname(file)]]);
    await store.mend();
    assertEquals(await store.examine(), []);
    for (const path of [dirname(file), ...files]) {
      const { uid, gid } = statSync(path);
      assertEquals([uid, gid], [1000, 1000], path);
    }
    // A second name may be anybody's file.
    const other = join(home, "..", `${crypto.randomUUID()}.txt`);
    writeFileSync(other, "", { mode: 0o644 });
    try {
      linkSync(other, `${file}.corrupt-1`);
      await assertRejects(() => store.mend(), ClientStoreError, "(EPERM)");
      assertEquals(statSync(other).uid, 0);
    } finally {
      rmSync(other);
    }
  } finally {
    place.end();
  }
});
