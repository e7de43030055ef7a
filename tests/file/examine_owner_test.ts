import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type FileSystem, openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";

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
