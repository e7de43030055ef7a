import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type ClientStore, ClientStoreError, type FileSystem } from "@oauth2/client-store";
import { behaves } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";
const OLD = {
  client_id: "old",
  scope: "a",
  registration_client_uri: "https://auth.example/reg/old",
};
const NEW = { client_id: "new", client_secret: "s3cr3t", scope: "a b" };

/** Every way to change the file. */
const changes: Record<string, (store: ClientStore) => Promise<unknown>> = {
  store: (store) => store.store(ISSUER, NEW),
  remove: (store) => store.remove(ISSUER),
  getOrRegister: (store) => store.getOrRegister("https://second.example", () => ({ ...NEW })),
};

for (const code of ["EACCES", "EIO", "ENOSPC", "EROFS", "EMFILE"]) {
  for (const [name, change] of Object.entries(changes)) {
    behaves(
      `${name}() leaves the old file intact whichever operation fails with ${code}`,
      async ({ place, open }) => {
        await open().store(ISSUER, OLD);
        await open().store("https://foreign.example", { client_id: "foreign" });
        const before = place.read(place.file);
        let failAt = 0;
        let failures = 0;
        for (let isDone = false; !isDone; failAt++) {
          let count = 0;
          let failed: { operation: keyof FileSystem; path: string } | undefined;
          const runtime = interceptedRuntime(place.runtime, (operation, path) => {
            if (count++ !== failAt) return;
            failed = { operation, path };
            throw posixError(code);
          });
          try {
            await change(open({ runtime }));
            isDone = failed === undefined;
          } catch (error) {
            failures++;
            assert(error instanceof ClientStoreError, `${failAt}: ${error}`);
            assertEquals([error.code, error.path !== ""], [code, true]);
            assertMatch(
              error.message,
              /^Cannot (store|remove|register) client for issuer "https:.*": cannot /,
            );
            assert(!error.message.includes("s3cr3t"));
          }
          assert(failed !== undefined || isDone);
          // What the failure itself kept from being removed is left; the next change recovers it.
          const leftovers = place.names().filter((other) =>
            !/^registered(\.metadata)?\.json$/.test(other)
          );
          const isLock = failed?.operation === "readTextFile" && failed.path.endsWith(".lock");
          if (failed?.operation !== "remove" && !isLock) {
            assertEquals(leftovers, [], `after ${failed?.operation} of ${failed?.path} failed`);
          }
          for (const other of place.names()) {
            if (other.includes(".lock")) {
              place.runtime.fs.remove(place.runtime.join(place.file, "..", other));
            }
          }
          const client = await open().lookup(ISSUER);
          if (place.read(place.file) === before) assertEquals(client, OLD);
          else await open().store(ISSUER, OLD);
          await open().remove("https://second.example");
          await open().store(ISSUER, OLD);
        }
        // What may be somebody else's moment is tried again.
        const least = code === "EACCES" ? 5 : 8;
        assert(failures >= least, `only ${failures} of ${failAt} operations could fail`);
      },
    );
  }
}

behaves("a write that stops at any byte leaves no temporary file", async ({ place, open }) => {
  await open().store(ISSUER, OLD);
  for (const isMetadata of [true, false]) {
    for (let bytes = 0; bytes < 400; bytes += bytes < 20 ? 1 : 37) {
      const { fs: whole } = interceptedRuntime(place.runtime, () => {});
      const fs: FileSystem = new Proxy(whole, {
        get: (target, name: keyof FileSystem) =>
          name !== "createFile"
            ? target[name]
            : (path: string, data: string, mode: number, flush: boolean) => {
              const isLast = path.endsWith(".tmp") && path.includes("metadata") === isMetadata;
              const written = isLast ? data.slice(0, bytes) : data;
              target.createFile(path, written, mode, flush);
              if (isLast) throw posixError("ENOSPC");
            },
      });
      const error = await assertRejects(
        () => open({ runtime: { ...place.runtime, fs } }).store(ISSUER, NEW),
        ClientStoreError,
        "the disk is full",
      );
      assertEquals(error.code, "ENOSPC");
      assertEquals(place.names(), ["registered.json", "registered.metadata.json"]);
      assertEquals((await open().lookup(ISSUER))?.client_id, "old");
    }
  }
});

behaves("lookup() and list() never reject whichever operation fails", async ({ place, open }) => {
  await open().store(ISSUER, OLD);
  for (const code of ["EACCES", "EIO", "EISDIR", "EMFILE"]) {
    for (let failAt = 0; failAt < 8; failAt++) {
      let count = 0;
      const runtime = interceptedRuntime(place.runtime, () => {
        if (count++ === failAt) throw posixError(code);
      });
      const store = open({ runtime });
      await store.lookup(ISSUER);
      await store.list();
      assertEquals((await store.lookup(ISSUER))?.client_id, "old");
    }
  }
});

behaves("a directory that is a link to nowhere is told of", async ({ place, open }) => {
  const link = `${place.home}/link`;
  place.link("nowhere", link);
  for (const path of [`${link}/registered.json`, `${link}/below/registered.json`]) {
    const error = await assertRejects(() => open({ path }).store(ISSUER, OLD), ClientStoreError);
    assertEquals([error.code, error.path], ["EEXIST", link]);
    assertMatch(error.message, /cannot create directory ".*" \(EEXIST\): .*leads nowhere/);
  }
}, { needs: ["links"] });

behaves(
  "getOrRegister() finds out that it cannot store before it registers",
  async ({ place, open }) => {
    await open().store(ISSUER, OLD);
    for (const refused of ["createFile", "readTextFile"] as const) {
      let requests = 0;
      const runtime = interceptedRuntime(place.runtime, (operation, path) => {
        if (operation === refused && !/[0-9a-f]{16}\.lock/.test(path)) throw posixError("EACCES");
      });
      const register = () => ({ client_id: `${++requests}` });
      await assertRejects(
        () => open({ runtime }).getOrRegister("https://x.example", register),
        ClientStoreError,
      );
      assertEquals(requests, 0);
    }
  },
);

behaves(
  "a directory that is removed in the middle costs an error at most",
  async ({ place, open }) => {
    const { fs } = place.runtime;
    for (let removeAt = 0, isDone = false; !isDone; removeAt++) {
      await open().store(ISSUER, OLD);
      let count = 0;
      isDone = true;
      const runtime = interceptedRuntime(place.runtime, (_operation, path) => {
        if (!path.includes("ocamlgpt") || count++ !== removeAt) return;
        isDone = false;
        const directory = place.runtime.join(place.file, "..");
        for (const name of place.names()) fs.remove(place.runtime.join(directory, name));
        place.removeDirectory(directory);
      });
      try {
        await open({ runtime, lockTimeout: 3000 }).store("https://other.example", NEW);
      } catch (error) {
        assert(error instanceof ClientStoreError, `${removeAt}: ${error}`);
      }
      await open().store("https://other.example", NEW);
      assertEquals((await open().lookup("https://other.example"))?.client_id, "new");
      assertEquals(place.names(), ["registered.json", "registered.metadata.json"]);
    }
  },
);
