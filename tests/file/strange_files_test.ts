import { test } from "node:test";
import { chownSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientStoreError, type FileSystem, openClientStore } from "@oauth2/client-store";
import { exposure, suspicion } from "../../src/file/exposure.ts";
import { makeDirectory } from "../../src/file/make_directory.ts";
import { behaves } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";
import { type Place, realPlace } from "../support/places.ts";

const ISSUER = "https://auth.example";
const CLIENT = { client_id: "a", scope: "b" };

const beside = ({ runtime, file }: Place, name: string) => runtime.join(file, "..", name);

for (const kind of ["special", "directory"] as const) {
  const code = kind === "special" ? "EFTYPE" : "EISDIR";
  const put = (place: Place, path: string) =>
    kind === "special" ? place.makeSpecial(path) : place.write(`${path}/inner`, "");
  const options = kind === "special" ? { needs: ["special files" as const] } : {};

  for (const name of ["registered.json", "registered.metadata.json"]) {
    behaves(
      `a ${kind} in place of ${name} is no registration, and an error to store`,
      async ({ place, open }) => {
        await open().store(ISSUER, CLIENT);
        place.remove(beside(place, name));
        put(place, beside(place, name));
        assertEquals(await open().lookup(ISSUER), undefined);
        assertEquals((await open().list()).size, 0);
        let requests = 0;
        const register = () => ({ client_id: `${++requests}` });
        for (
          const change of [
            () => open().store(ISSUER, { ...CLIENT, scope: "c" }),
            () => open().getOrRegister("https://other.example", register),
          ]
        ) {
          const error = await assertRejects(change, ClientStoreError);
          assertEquals([error.code, error.path], [code, beside(place, name)]);
        }
        assertEquals(requests, 0);
        assert(place.names().includes(name));
      },
      options,
    );
  }
}

behaves(
  "what stands in place of the lock is told of, and never removed",
  async ({ place, open }) => {
    await open().store(ISSUER, CLIENT);
    const lock = `${place.file}.lock`;
    for (const code of ["EFTYPE", "EISDIR"]) {
      if (code === "EFTYPE") place.makeSpecial(lock);
      else place.runtime.fs.makeDirectory(lock, 0o700);
      const error = await assertRejects(
        () => open({ lockTimeout: 4000 }).store(ISSUER, { client_id: "b" }),
        ClientStoreError,
      );
      assertEquals([error.code, error.path], [code, lock]);
      assert(place.names().includes("registered.json.lock"));
      if (code === "EFTYPE") place.runtime.fs.rename(lock, `${place.file}.was-special`);
    }
  },
  { needs: ["special files"] },
);

behaves("a file above the file is told of at once", async ({ place, open }) => {
  const file = `${place.home}/file`;
  place.write(file, "");
  for (const path of [`${file}/registered.json`, `${file}/a/b/registered.json`]) {
    assertEquals(await open({ path }).lookup(ISSUER), undefined);
    const error = await assertRejects(() => open({ path }).store(ISSUER, CLIENT), ClientStoreError);
    assertEquals(error.code, "ENOTDIR");
  }
});

behaves("makeDirectory() ends where a system says ENOENT of what is below a file", ({ place }) => {
  const runtime = interceptedRuntime(place.runtime, (operation, path) => {
    if (operation === "makeDirectory" && path.startsWith(`${place.home}/file/`)) {
      throw posixError("ENOENT");
    }
  });
  const stat = (path: string) =>
    path.startsWith(`${place.home}/file/`) ? undefined : place.runtime.fs.stat(path);
  const fs: FileSystem = new Proxy(runtime.fs, {
    get: (target, name: keyof FileSystem) => name === "stat" ? stat : target[name],
  });
  place.write(`${place.home}/file`, "");
  let code: unknown;
  try {
    makeDirectory({ fs, join: runtime.join }, `${place.home}/file/a/b`, () => {});
  } catch (error) {
    code = (error as { code?: unknown }).code;
  }
  assertEquals(code, "ENOTDIR");
});

behaves(
  "what is tried before a server is asked changes nothing, and leaves nothing",
  async ({ place, open }) => {
    const refuse = () => Promise.reject(new Error("503"));
    const ask = () => open().getOrRegister("https://b.example", refuse);
    await assertRejects(ask, Error, "503");
    assertEquals(place.names(), []);
    await open().store(ISSUER, { client_id: "a" });
    const text = place.read(place.file);
    await assertRejects(ask, Error, "503");
    assertEquals([place.read(place.file), place.names()], [text, ["registered.json"]]);
    assertEquals(await open().lookup(ISSUER), { client_id: "a" });
  },
);

behaves(
  "getOrRegister() asks no server where the file can never be replaced",
  async ({ place, open }) => {
    await open().store(ISSUER, CLIENT);
    const runtime = interceptedRuntime(place.runtime, () => {});
    const fs: FileSystem = new Proxy(runtime.fs, {
      get: (target, name: keyof FileSystem) =>
        name !== "rename" ? target[name] : (from: string, to: string) => {
          if (to === place.file) throw posixError("EBUSY");
          target.rename(from, to);
        },
    });
    let requests = 0;
    const register = () => ({ client_id: `${++requests}` });
    const error = await assertRejects(
      () => open({ runtime: { ...runtime, fs } }).getOrRegister("https://b.example", register),
      ClientStoreError,
      "mount its directory instead",
    );
    assertEquals([error.code, requests], ["EBUSY", 0]);
  },
);

behaves(
  "errors are told by what they say, of whichever realm they are",
  async ({ place, open }) => {
    const ForeignError: ErrorConstructor = runInNewContext("Error");
    const fs: FileSystem = new Proxy(place.runtime.fs, {
      get: (target, name: keyof FileSystem) => (...args: unknown[]) => {
        try {
          return (target[name] as (...args: unknown[]) => unknown).apply(target, args);
        } catch (error) {
          const { message, code } = error as { message: string; code: string };
          throw Object.assign(new ForeignError(message), { code });
        }
      },
    });
    const store = open({ runtime: { ...place.runtime, fs } });
    assertEquals(await store.lookup(ISSUER), undefined);
    await store.store(ISSUER, CLIENT);
    assertEquals(await store.remove(ISSUER), true);
    const client = await store.getOrRegister(ISSUER, () => CLIENT);
    assertEquals(client, CLIENT);
    place.remove(place.file);
    place.write(`${place.file}/inner`, "");
    const error = await assertRejects(() => store.store(ISSUER, CLIENT), ClientStoreError);
    assertEquals(error.code, "EISDIR");
  },
);

/** What two files are said to be, and the beginning of what is told of them. */
function telling(tell: (fs: FileSystem, place: { file: string; directory: string }) => string[]) {
  return (file: object, directory: object) => {
    const known = { mtime: 0, ctime: 0, size: 0, ino: 1, kind: "file", mode: 0o600, uid: 1000 };
    const stat = (path: string) => ({ ...known, ...(path === "/d/f" ? file : directory) });
    const fs = { stat } as unknown as FileSystem;
    return tell(fs, { file: "/d/f", directory: "/d" }).map((warning) =>
      /^\w+ \w+/.exec(warning)?.[0]
    );
  };
}

test("exposure() tells who else may read or write, and of nothing else", () => {
  const tell = (file: object, directory: object, before?: object) =>
    telling((fs, place) => exposure(fs, place, before))(file, directory);
  assertEquals(tell({}, { mode: 0o700 }, { uid: 1000 }), []);
  assertEquals(tell({}, { mode: 0o755, uid: 0 }, { uid: 0 }), []);
  assertEquals(tell({ mode: 0o755 }, {}), ["Others may"]);
  assertEquals(tell({}, { mode: 0o1777, uid: 0 }), ["Everybody may"]);
  assertEquals(tell({}, { uid: 1001 }), ["The directory"]);
  assertEquals(tell({}, {}, { uid: 1001 }), ["The file"]);
  assertEquals(tell({ mode: undefined, uid: undefined }, { mode: undefined }, {}), []);
});

test("suspicion() tells who else may have written what was read, and of nothing else", () => {
  const another = { uid: 1001 };
  const roots = { uid: 0 };
  for (const ours of [1000, 0, undefined]) {
    const tell = telling((fs, place) => suspicion(fs, place, ours));
    assertEquals(tell({}, {}), []);
    assertEquals(tell({ mode: 0o644 }, { mode: 0o755, ...roots }), []);
    assertEquals(tell(roots, roots), []);
    assertEquals(tell({}, { mode: 0o1777, ...roots }), ["Everybody may"]);
    assertEquals(tell(another, {}), ["The file"]);
    // Whoever is not known, or root, cannot be told from whose home it is.
    assertEquals(tell(another, another), ours ? ["The directory", "The file"] : []);
    assertEquals(tell({ mode: undefined, uid: undefined }, { mode: undefined }), []);
  }
});

behaves("a directory that everybody may write to is told of once", async (trial) => {
  const { place, open, warnings } = trial;
  place.write(`${place.home}/shared/.keep`, "");
  place.setMode(`${place.home}/shared`, 0o777);
  const path = `${place.home}/shared/registered.json`;
  for (const id of ["a", "b"]) {
    await open({ path }).store(ISSUER, { client_id: id });
    assertEquals(await open({ path }).lookup(ISSUER), { client_id: id });
    assertEquals(warnings.length, 1);
  }
  assert(warnings[0]?.includes("Everybody may write"));
  place.write(`${place.home}/odd/.keep`, "");
  place.setMode(`${place.home}/odd`, 0o777);
  const odd = open({ path: `${place.home}/odd/./registered.json` });
  await odd.store(ISSUER, { client_id: "c" });
  await odd.lookup(ISSUER);
  assertEquals(warnings.length, 2);
}, { needs: ["modes"] });

behaves(
  "who only looks up is told once that everybody may write to the directory",
  async (trial) => {
    const { place, open, warnings } = trial;
    const path = `${place.home}/shared/registered.json`;
    const store = open({ path });
    assertEquals(await store.lookup(ISSUER), undefined);
    place.write(path, JSON.stringify({ [ISSUER]: CLIENT }));
    place.setMode(`${place.home}/shared`, 0o777);
    for (let n = 0; n < 2; n++) assertEquals(await store.lookup(ISSUER), { client_id: "a" });
    await open({ path }).list();
    assertEquals(warnings.length, 1);
    assert(warnings[0]?.includes("Everybody may write"));
  },
  { needs: ["modes"] },
);

test("who only looks up is told that the file is another user's", {
  skip: globalThis.process?.getuid?.() !== 0,
}, async () => {
  const place = realPlace();
  const warnings: string[] = [];
  const open = () =>
    openClientStore({ runtime: place.runtime, warn: (message) => warnings.push(message) });
  place.write(place.file, JSON.stringify({ [ISSUER]: CLIENT }));
  chownSync(place.file, 1234, 2345);
  chownSync(place.runtime.join(place.file, ".."), 1235, 2345);
  for (let n = 0; n < 2; n++) assertEquals(await open().lookup(ISSUER), { client_id: "a" });
  assertEquals(warnings.length, 1);
  assert(warnings[0]?.includes("is another user's"));
  place.end();
});
