import { utimesSync } from "node:fs";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientStoreError, type FileSystem, type Finding } from "@oauth2/client-store";
import { behaves, type Trial } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";
const SECRET = "c4nary-s3cret";

/** The kinds of what is found; each one says what it means and what to do, and none tells a secret. */
function kindsOf(found: readonly Finding[]): string[] {
  for (const { what, meaning, advice } of found) {
    assert(what !== "" && meaning !== "" && advice !== "");
    assert(!`${what} ${meaning} ${advice}`.includes(SECRET));
  }
  return found.map(({ code }) => code).sort();
}

/** Writes `registered.json`, closed to others. */
function write({ place }: Trial, value: unknown): void {
  place.write(place.file, typeof value === "string" ? value : JSON.stringify(value));
  close({ place } as Trial);
}

function close({ place }: Trial): void {
  const { fs, join } = place.runtime;
  fs.setAccess(place.file, 0o600);
  fs.setAccess(join(place.file, ".."), 0o700);
}

behaves("examine() finds nothing where nothing is, and in what a store writes", async (trial) => {
  assertEquals(await trial.open().examine(), []);
  await trial.open().store(ISSUER, { client_id: "a", client_secret: SECRET, scope: "b" });
  assertEquals(await trial.open().examine(), []);
});

behaves(
  "examine() tells of entries that are none, and of members that make one none",
  async (trial) => {
    write(trial, {
      "https://null.example": null,
      "https://list.example": [SECRET],
      "https://text.example": SECRET,
      "https://empty.example": { client_id: "" },
      "https://secret.example": { client_id: "a", client_secret: [SECRET] },
      "https://more.example": { client_id: "a", client_secret: SECRET, note: SECRET },
      [ISSUER]: { client_id: "a", client_secret: SECRET },
    });
    const found = await trial.open().examine();
    assertEquals(kindsOf(found), [...Array(5).fill("no entry"), "unknown members"]);
    const told = found.map(({ what }) => what).join("\n");
    for (const name of ["null", "list", "text", "empty", "secret", "more"]) {
      assert(told.includes(`"https://${name}.example"`), told);
    }
    assert(told.includes('"note"') && !told.includes(ISSUER), told);
  },
);

behaves(
  "examine() tells of issuers that none can be, without what they may hide",
  async (trial) => {
    const entry = { client_id: "a" };
    const odd = [
      "auth.example",
      "ftp://auth.example",
      "https://auth.example/#fragment",
      "https://auth.example/?query=1",
      `https://user:${SECRET}@auth.example`,
      "http://auth.example",
      "\x1b[2J",
    ];
    const good = ["http://127.0.0.1:8080", "http://localhost", ISSUER];
    write(trial, Object.fromEntries([...odd, ...good].map((issuer) => [issuer, entry])));
    const found = await trial.open().examine();
    assertEquals(kindsOf(found), odd.map(() => "odd issuer"));
    for (const issuer of odd) await trial.open().remove(issuer);
    assertEquals(await trial.open().examine(), []);
  },
);

behaves("examine() tells thousands of faults of one kind in a few lines", async (trial) => {
  const many = Array.from({ length: 2000 }, (_, n) => [`https://${n}.example`, null]);
  write(trial, Object.fromEntries(many));
  const found = await trial.open().examine();
  assertEquals(found.length, 11);
  assert(found.at(-1)?.what.includes("1990 more"), found.at(-1)?.what);
});

behaves(
  "examine() tells of a damaged record of one issuer, and that the rest is whole",
  async (trial) => {
    await trial.open().store(ISSUER, { client_id: "a", scope: "b" });
    await trial.open().store("https://other.example", { client_id: "a", scope: "b" });
    const metadata = trial.place.file.replace(".json", ".metadata.json");
    const text = trial.place.read(metadata);
    for (
      const damage of [
        (record: Record<string, unknown>) => record.registrations = [SECRET],
        (record: Record<string, unknown>) => record.registrations = SECRET,
      ]
    ) {
      const value = JSON.parse(text);
      damage(value.issuers[ISSUER]);
      trial.place.write(metadata, JSON.stringify(value));
      const found = await trial.open().examine();
      assertEquals(kindsOf(found), ["metadata record"]);
      assert(found[0]?.what.includes(ISSUER), found[0]?.what);
    }
  },
);

behaves("examine() tells of metadata whose file is gone", async (trial) => {
  await trial.open().store(ISSUER, { client_id: "a", scope: "b" });
  trial.place.remove(trial.place.file);
  assertEquals(kindsOf(await trial.open().examine()), ["metadata alone"]);
});

behaves("examine() tells of what is no file and no directory in its place", async (trial) => {
  const { place } = trial;
  const directory = place.runtime.join(place.file, "..");
  place.write(directory, "a file");
  assertEquals(kindsOf(await trial.open().examine()), ["not a file"]);
  place.remove(directory);
  place.makeSpecial(place.file);
  place.makeSpecial(place.file.replace(".json", ".metadata.json"));
  place.runtime.fs.setAccess(directory, 0o700);
  assertEquals(kindsOf(await trial.open().examine()), ["not a file", "not a file"]);
}, { needs: ["special files"] });

behaves("examine() tells of links that lead nowhere, on the way and at the end", async (trial) => {
  const { place } = trial;
  const { join, fs } = place.runtime;
  place.link("nowhere.json", place.file);
  fs.setAccess(join(place.file, ".."), 0o700);
  assertEquals(kindsOf(await trial.open().examine()), ["broken link"]);
  const path = join(place.home, "gone", "ocamlgpt", "registered.json");
  place.link("nowhere", join(place.home, "gone"));
  const [found] = await trial.open({ path }).examine();
  assertEquals([found?.code, found?.path], ["broken link", join(place.home, "gone")]);
}, { needs: ["links"] });

behaves(
  "examine() tells of a file that was changed in the future, and mend() writes it anew",
  async (trial) => {
    const { place } = trial;
    await trial.open().store(ISSUER, { client_id: "a" });
    const future = Date.now() + 86_400_000;
    const stat = (path: string) => {
      const info = place.runtime.fs.stat(path);
      return info && path === place.file ? { ...info, mtime: future } : info;
    };
    const fs = new Proxy(place.runtime.fs, {
      get: (target, name: keyof FileSystem) => name === "stat" ? stat : target[name].bind(target),
    });
    const runtime = { ...place.runtime, fs };
    assertEquals(kindsOf(await trial.open({ runtime }).examine()), ["time"]);
    if (place.name !== "real files") return;
    utimesSync(place.file, future / 1000, future / 1000);
    assertEquals(kindsOf(await trial.open().examine()), ["time"]);
    await trial.open().mend();
    assertEquals(await trial.open().examine(), []);
  },
);

behaves("mend() closes the files and the directories of a store to others", async (trial) => {
  const { place } = trial;
  const { fs, join } = place.runtime;
  const store = trial.open({ tenant: "t" });
  await store.store(ISSUER, { client_id: "a", client_secret: SECRET, scope: "b" });
  const directory = join(store.path, "..");
  const copy = `${store.path}.corrupt-20260101T000000.000Z`;
  place.write(copy, SECRET);
  const around = [directory, join(directory, ".."), join(directory, "..", "..")];
  for (const path of around) fs.setAccess(path, 0o755);
  for (const path of [store.path, copy]) fs.setAccess(path, 0o644);
  const found = await store.examine();
  assertEquals(kindsOf(found), [
    "copy",
    ...around.map(() => "directory mode"),
    "mode",
    "mode",
  ]);
  assert(found.every(({ code, isMendable }) => isMendable || code === "copy"));
  await store.mend();
  assertEquals(kindsOf(await store.examine()), ["copy"]);
  for (const path of around) assertEquals(place.mode(path), 0o700);
  for (const path of [store.path, copy]) assertEquals(place.mode(path), 0o600);
  assertEquals((await trial.open({ tenant: "t" }).lookup(ISSUER))?.client_secret, SECRET);
}, { needs: ["modes"] });

behaves("mend() lets the owner in again", async (trial) => {
  const { place } = trial;
  const { fs, join } = place.runtime;
  await trial.open().store(ISSUER, { client_id: "a" });
  fs.setAccess(place.file, 0o000);
  fs.setAccess(join(place.file, ".."), 0o000);
  const kinds = kindsOf(await trial.open().examine());
  assert(kinds.includes("directory mode"), `${kinds}`);
  await trial.open().mend();
  assertEquals(await trial.open().examine(), []);
  assertEquals((await trial.open().lookup(ISSUER))?.client_id, "a");
}, { needs: ["modes"] });

behaves("a directory that other things are in, too, is left to its owner", async (trial) => {
  const { place } = trial;
  const { fs, join } = place.runtime;
  const directory = join(place.home, "project");
  const path = join(directory, "clients.json");
  place.write(join(directory, "README.md"), "");
  await trial.open({ path }).store(ISSUER, { client_id: "a" });
  fs.setAccess(directory, 0o755);
  assertEquals(await trial.open({ path }).examine(), []);
  fs.setAccess(directory, 0o777);
  const found = await trial.open({ path }).examine();
  assertEquals(found.map(({ code, isMendable }) => [code, isMendable]), [[
    "directory mode",
    false,
  ]]);
  await trial.open({ path }).mend();
  assertEquals(place.mode(directory), 0o777);
}, { needs: ["modes"] });

behaves(
  "mend() closes a directory that a link leads to, if nothing else is in it",
  async (trial) => {
    const { place } = trial;
    const { fs, join } = place.runtime;
    const real = join(place.home, "real");
    place.write(join(real, ".keep"), "");
    place.remove(join(real, ".keep"));
    place.link("../real", join(place.file, ".."));
    await trial.open().store(ISSUER, { client_id: "a" });
    fs.setAccess(real, 0o755);
    const [found] = await trial.open().examine();
    assertEquals([found?.code, found?.path, found?.isMendable], ["directory mode", real, true]);
    await trial.open().mend();
    assertEquals([place.mode(real), await trial.open().examine()], [0o700, []]);
    place.write(join(real, "other"), "");
    fs.setAccess(real, 0o755);
    assertEquals(await trial.open().examine(), []);
  },
  { needs: ["links"] },
);

behaves("mend() goes on where a mode may not be changed, and says so", async (trial) => {
  const { place } = trial;
  const { fs, join } = place.runtime;
  await trial.open().store(ISSUER, { client_id: "a" });
  fs.setAccess(join(place.file, ".."), 0o755);
  fs.setAccess(place.file, 0o644);
  const runtime = interceptedRuntime(place.runtime, (operation, path) => {
    if (operation === "setAccess" && path !== place.file) throw posixError("EPERM");
  });
  const { message } = await assertRejects(
    () => trial.open({ runtime }).mend(),
    ClientStoreError,
    "only its owner and root may do that",
  );
  assert(message.includes("(EPERM)"), message);
  assertEquals(kindsOf(await trial.open().examine()), ["directory mode"]);
}, { needs: ["modes"] });

behaves("mend() finds out that nothing can be written where nothing is yet", async (trial) => {
  const refused = interceptedRuntime(trial.place.runtime, (operation) => {
    if (operation === "createFile" || operation === "makeDirectory") throw posixError("EROFS");
  });
  const error = await assertRejects(
    () => trial.open({ runtime: refused }).mend(),
    ClientStoreError,
    "read-only",
  );
  assertEquals(error.code, "EROFS");
  await trial.open().mend();
  assertEquals(trial.place.names(), []);
});

behaves(
  "mend() removes what a dead process has left of taking over a registration",
  async (trial) => {
    const { place } = trial;
    await trial.open().store(ISSUER, { client_id: "a" });
    const left = `${place.file}.0123456789abcdef.lock.break`;
    place.write(left, "3e3a0c5e-0000-4000-8000-000000000000");
    assertEquals(kindsOf(await trial.open().examine()), ["leftover"]);
    await trial.open().mend();
    assertEquals(await trial.open().examine(), []);
  },
);

behaves(
  "examine() tells a living lock from a dead one where it may read neither, as another user",
  async ({ open, place }) => {
    const lock = (letter: string) => `${place.file}.${letter.repeat(16)}.lock`;
    const runtime = interceptedRuntime(place.runtime, (operation, path) => {
      if (operation === "readTextFile" && path.endsWith(".lock")) throw posixError("EACCES");
    });
    await open().store(ISSUER, { client_id: "a" });
    for (const letter of ["a", "b"]) place.write(lock(letter), "nonce 0");
    const examining = open({ runtime }).examine();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    place.write(lock("b"), "nonce 1");
    assertEquals((await examining).map(({ code, path }) => [code, path]), [
      ["lock", lock("a")],
      ["held", lock("b")],
    ]);
  },
);

behaves("mend() does not wait for a registration that is under way", async (trial) => {
  let answer = () => {};
  let client: Promise<unknown> = Promise.resolve();
  await new Promise<void>((asked) => {
    client = trial.open().getOrRegister(ISSUER, async () => {
      asked();
      await new Promise<void>((resolve) => answer = resolve);
      return { client_id: "a" };
    });
  });
  await trial.open().mend();
  answer();
  assertEquals(await client, { client_id: "a" });
  assertEquals(await trial.open().examine(), []);
});
