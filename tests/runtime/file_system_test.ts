import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Runtime } from "@oauth2/client-store";
import { behaves } from "../support/behaviours.ts";
import type { Place } from "../support/places.ts";

/** The code of what `operation` throws. */
function codeOf(operation: () => unknown): unknown {
  return (assertThrows(operation, Error) as { code?: unknown }).code;
}

/** A runtime and a directory in it that is there. */
function inHome({ place }: { place: Place }): Runtime & { at: (name: string) => string } {
  const { runtime, home } = place;
  return { ...runtime, at: (name) => runtime.join(home, name) };
}

behaves("a file system creates files exclusively, whole and with exactly their mode", (trial) => {
  const { fs, at } = inHome(trial);
  for (
    const [name, data, mode] of [["a", "text é", 0o600], [
      "b",
      new Uint8Array([0, 255]),
      0o400,
    ]] as const
  ) {
    fs.createFile(at(name), data, mode, true);
    assertEquals(trial.place.mode(at(name)), mode);
  }
  assertEquals(fs.readTextFile(at("a")), "text é");
  assertEquals([...fs.readFile(at("b"))], [0, 255]);
  assertEquals(codeOf(() => fs.createFile(at("a"), "other", 0o600, false)), "EEXIST");
  assertEquals(fs.readTextFile(at("a")), "text é");
  trial.place.link("nowhere", at("dangling"));
  assertEquals(codeOf(() => fs.createFile(at("dangling"), "", 0o600, false)), "EEXIST");
  assertEquals(codeOf(() => fs.createFile(at("no/file"), "", 0o600, false)), "ENOENT");
  assertEquals(codeOf(() => fs.createFile(at("a/file"), "", 0o600, false)), "ENOTDIR");
}, { needs: ["modes", "links"] });

behaves("a file system writes all of a large file", (trial) => {
  const { fs, at } = inHome(trial);
  const text = "0123456789abcdef".repeat(1 << 17);
  fs.createFile(at("large"), text, 0o600, true);
  assert(fs.readTextFile(at("large")) === text);
  assertEquals(fs.stat(at("large"))?.size, text.length);
});

behaves("a file system describes files, and undefined where nothing is", (trial) => {
  const { fs, at } = inHome(trial);
  const started = Date.now();
  fs.createFile(at("a"), "four", 0o600, false);
  const info = fs.stat(at("a"));
  assert(info);
  assertEquals(info.size, 4);
  assert(info.ino > 0);
  for (const time of [info.mtime, info.ctime]) assert(Math.abs(time - started) < 60_000);
  assertEquals(fs.stat(at("no")), undefined);
  assertEquals(fs.stat(at("no/no")), undefined);
  assertEquals(codeOf(() => fs.stat(at("a/b"))), "ENOTDIR");
  trial.place.link("a", at("link"));
  assertEquals(fs.stat(at("link"))?.size, 4);
  trial.place.link("nowhere", at("dangling"));
  assertEquals(fs.stat(at("dangling")), undefined);
}, { needs: ["links"] });

behaves("a file system reads links, and undefined where none is", (trial) => {
  const { fs, at } = inHome(trial);
  fs.createFile(at("a"), "", 0o600, false);
  trial.place.link("../x", at("link"));
  assertEquals(fs.readLink(at("link")), "../x");
  assertEquals(fs.readLink(at("a")), undefined);
  assertEquals(fs.readLink(at("no")), undefined);
}, { needs: ["links"] });

behaves("a file system reads text leniently and keeps the byte order mark", (trial) => {
  const { fs, at } = inHome(trial);
  fs.createFile(at("a"), new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]), 0o600, false);
  assertEquals(fs.readTextFile(at("a")), "\uFEFFa\uFFFD");
  assertEquals(codeOf(() => fs.readTextFile(at("no"))), "ENOENT");
  assertEquals(codeOf(() => fs.readTextFile(at("."))), "EISDIR");
  assertEquals(codeOf(() => fs.readFile(at("no"))), "ENOENT");
});

behaves("a file system overwrites in place, and only what it was told is there", (trial) => {
  const { fs, at } = inHome(trial);
  fs.createFile(at("a"), "12345", 0o600, false);
  const before = fs.stat(at("a"))?.ino;
  assertEquals(fs.overwriteFile(at("a"), "12345", "ab"), true);
  assertEquals(fs.readTextFile(at("a")), "ab345");
  assertEquals(fs.overwriteFile(at("a"), "ab345", "1234567"), true);
  assertEquals(fs.stat(at("a"))?.ino, before);
  for (const known of ["", "123456", "12345678", "7654321"]) {
    assertEquals(fs.overwriteFile(at("a"), known, "x"), false);
  }
  assertEquals(fs.readTextFile(at("a")), "1234567");
  assertEquals(codeOf(() => fs.overwriteFile(at("no"), "x", "x")), "ENOENT");
});

behaves("a file system renames over a file and a link, and not over a directory", (trial) => {
  const { fs, at } = inHome(trial);
  for (const name of ["a", "b", "c"]) fs.createFile(at(name), name, 0o600, false);
  fs.rename(at("a"), at("b"));
  assertEquals(fs.readTextFile(at("b")), "a");
  assertEquals(fs.stat(at("a")), undefined);
  trial.place.link("c", at("link"));
  fs.rename(at("b"), at("link"));
  assertEquals([fs.readLink(at("link")), fs.readTextFile(at("c"))], [undefined, "c"]);
  fs.makeDirectory(at("d"), 0o700);
  assertEquals(codeOf(() => fs.rename(at("c"), at("d"))), "EISDIR");
  assertEquals(codeOf(() => fs.rename(at("no"), at("x"))), "ENOENT");
}, { needs: ["links"] });

behaves("a file system removes files and links, and what is not there is ENOENT", (trial) => {
  const { fs, at } = inHome(trial);
  fs.createFile(at("a"), "", 0o600, false);
  trial.place.link("a", at("link"));
  fs.remove(at("link"));
  assert(fs.stat(at("a")));
  fs.remove(at("a"));
  assertEquals(fs.stat(at("a")), undefined);
  assertEquals(codeOf(() => fs.remove(at("a"))), "ENOENT");
}, { needs: ["links"] });

behaves("a file system makes, lists and flushes one directory", (trial) => {
  const { fs, at } = inHome(trial);
  fs.makeDirectory(at("d"), 0o700);
  assertEquals(trial.place.mode(at("d")), 0o700);
  assertEquals(codeOf(() => fs.makeDirectory(at("d"), 0o700)), "EEXIST");
  assertEquals(codeOf(() => fs.makeDirectory(at("no/d"), 0o700)), "ENOENT");
  fs.createFile(at("d/b"), "", 0o600, false);
  fs.createFile(at("d/a"), "", 0o600, false);
  assertEquals(fs.readDirectory(at("d")).sort(), ["a", "b"]);
  assertEquals(codeOf(() => fs.readDirectory(at("no"))), "ENOENT");
  fs.flushDirectory(at("d"));
  assertEquals(codeOf(() => fs.flushDirectory(at("no"))), "ENOENT");
}, { needs: ["modes"] });

behaves(
  "a file system gives a file and a directory their mode and, by root, another owner",
  (trial) => {
    const { fs, at } = inHome(trial);
    fs.createFile(at("a"), "text", 0o644, false);
    fs.makeDirectory(at("d"), 0o755);
    for (const [name, mode] of [["a", 0o600], ["d", 0o700], ["a", 0o000], ["d", 0o000]] as const) {
      fs.setAccess(at(name), mode);
      assertEquals(trial.place.mode(at(name)), mode);
    }
    fs.setAccess(at("d"), 0o700);
    fs.setAccess(at("a"), 0o600, fs.stat(at("a")));
    assertEquals([trial.place.mode(at("a")), fs.readTextFile(at("a"))], [0o600, "text"]);
    const other = { uid: 65_534, gid: 65_534 };
    if (fs.stat(at("a"))?.uid !== 0) {
      for (const name of ["a", "d"]) {
        assertEquals(codeOf(() => fs.setAccess(at(name), 0o640, other)), "EPERM");
      }
      return;
    }
    for (const name of ["a", "d"]) {
      fs.setAccess(at(name), 0o640, other);
      const { uid, gid, mode } = fs.stat(at(name)) ?? {};
      assertEquals([uid, gid, mode], [other.uid, other.gid, 0o640]);
    }
  },
  { needs: ["modes"] },
);

behaves("a file system gives no mode to what has taken the place of what was known", (trial) => {
  const { fs, at } = inHome(trial);
  fs.createFile(at("a"), "", 0o644, false);
  fs.createFile(at("b"), "", 0o644, false);
  const known = fs.stat(at("a"));
  fs.rename(at("b"), at("a"));
  assertEquals(codeOf(() => fs.setAccess(at("a"), 0o600, undefined, known)), "EPERM");
  assertEquals(trial.place.mode(at("a")), 0o644);
  fs.setAccess(at("a"), 0o600, undefined, fs.stat(at("a")));
  assertEquals(trial.place.mode(at("a")), 0o600);
}, { needs: ["modes"] });

behaves("join() normalizes as the core relies on", ({ place }) => {
  const { join } = place.runtime;
  assertEquals(join("/a/b", "..", "c"), "/a/c");
  assertEquals(join("/a/registered.json", ".."), "/a");
  assertEquals(join("registered.json", ".."), ".");
  assertEquals(join("/", ".."), "/");
  assertEquals(join("a/../..", "b"), "../b");
  assertEquals(join("/a//b/", "./c"), "/a/b/c");
}, { needs: ["slashes"] });
