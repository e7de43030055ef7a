import { test } from "node:test";
import { truncateSync } from "node:fs";
import { createServer } from "node:net";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FileSystem, openClientStore } from "@oauth2/client-store";
import { behaves, type Trial } from "../support/behaviours.ts";
import { realFilesHave, realPlace } from "../support/places.ts";

/** What can stand at a path, in the order of the columns below. */
const THINGS = [
  "file",
  "link",
  "dangling",
  "directory",
  "special",
  "file/below",
  "nothing",
  "circle",
];

type At = (name: string) => string;
type Operation = (fs: FileSystem, path: string, at: At) => unknown;

/** What each operation does to each of them: a result, or the code of its error. */
const CONTRACT: [string, Operation, unknown[]][] = [
  [
    "stat() tells the kind of",
    (fs, path) => fs.stat(path)?.kind,
    ["file", "file", undefined, "directory", "other", "ENOTDIR", undefined, "ELOOP"],
  ],
  [
    "readLink() looks at",
    (fs, path) => fs.readLink(path),
    [undefined, "file", "nowhere", undefined, undefined, "ENOTDIR", undefined, "circle"],
  ],
  [
    "readDirectory() lists",
    (fs, path) => fs.readDirectory(path),
    ["ENOTDIR", "ENOTDIR", "ENOENT", ["inner"], "ENOTDIR", "ENOTDIR", "ENOENT", "ELOOP"],
  ],
  [
    "readTextFile() reads",
    (fs, path) => fs.readTextFile(path),
    ["text", "text", "ENOENT", "EISDIR", "EFTYPE", "ENOTDIR", "ENOENT", "ELOOP"],
  ],
  [
    "readFile() reads",
    (fs, path) => fs.readFile(path).length,
    [4, 4, "ENOENT", "EISDIR", "EFTYPE", "ENOTDIR", "ENOENT", "ELOOP"],
  ],
  [
    "createFile() creates",
    (fs, path) => fs.createFile(path, "new", 0o600, false) ?? fs.readTextFile(path),
    ["EEXIST", "EEXIST", "EEXIST", "EEXIST", "EEXIST", "ENOTDIR", "new", "EEXIST"],
  ],
  [
    "overwriteFile() writes",
    (fs, path) => [fs.overwriteFile(path, "text", "ab"), fs.readTextFile(path)].join(),
    ["true,abxt", "ELOOP", "ELOOP", "EISDIR", "EFTYPE", "ENOTDIR", "ENOENT", "ELOOP"],
  ],
  [
    "rename() replaces",
    (fs, path, at) => fs.rename(at("other"), path) ?? fs.readTextFile(path),
    ["other", "other", "other", "EISDIR", "other", "ENOTDIR", "other", "other"],
  ],
  [
    "remove() removes",
    (fs, path) => fs.remove(path) ?? [fs.stat(path), fs.readLink(path)],
    [[undefined, undefined], [undefined, undefined], [undefined, undefined], "EISDIR", "EFTYPE"]
      .concat(["ENOTDIR", "ENOENT", [undefined, undefined]]),
  ],
  [
    "remove() leaves an empty directory, and",
    (fs, path, at) => [fs.remove(at("empty")), path],
    THINGS.map(() => "EISDIR"),
  ],
  [
    "makeDirectory() makes",
    (fs, path) => fs.makeDirectory(path, 0o700) ?? fs.stat(path)?.kind,
    ["EEXIST", "EEXIST", "EEXIST", "EEXIST", "EEXIST", "ENOTDIR", "directory", "EEXIST"],
  ],
  [
    "setAccess() changes",
    (fs, path) =>
      fs.setAccess(path, 0o700) ?? ["directory", "file"].includes(fs.stat(path)?.kind ?? ""),
    [true, "ELOOP", "ELOOP", true, "EFTYPE", "ENOTDIR", "ENOENT", "ELOOP"],
  ],
  [
    "flushDirectory() flushes",
    (fs, path) => fs.flushDirectory(path),
    ["ENOTDIR", "ENOTDIR", "ENOENT", undefined, "ENOTDIR", "ENOTDIR", "ENOENT", "ELOOP"],
  ],
];

/** What can stand anywhere, Windows included. */
const EVERYWHERE = ["file", "directory", "nothing"];

/** What the operation does to each thing, tried in a directory of its own. */
function results({ place }: Trial, things: readonly string[], operation: Operation): unknown[] {
  const { fs, join } = place.runtime;
  return things.map((thing) => {
    const at = (name: string) => join(place.home, thing.replace("/", "-"), name);
    place.write(at("file"), "text");
    place.write(at("other"), "other");
    place.write(at("directory/inner"), "");
    fs.makeDirectory(at("empty"), 0o700);
    if (things.includes("link")) {
      place.link("file", at("link"));
      place.link("nowhere", at("dangling"));
      place.link("circle", at("circle"));
      place.makeSpecial(at("special"));
    }
    try {
      return operation(fs, at(thing), at);
    } catch (error) {
      return (error as { code?: unknown }).code;
    } finally {
      // What a link leads to, and what was not asked for, stays.
      const rest = ["file", "directory/inner"].filter((other) => other !== thing);
      for (const other of rest) assertEquals(place.exists(at(other)), true, `${thing}: ${other}`);
    }
  });
}

for (const [name, operation, expected] of CONTRACT) {
  behaves(`${name} what stands there, and nothing else`, (trial) => {
    assertEquals(results(trial, THINGS, operation), expected);
  }, { needs: ["links", "special files"] });

  if (name.startsWith("flushDirectory")) continue; // Windows has no such thing
  behaves(`${name} what can stand anywhere, and nothing else`, (trial) => {
    const known = expected.filter((_, n) => EVERYWHERE.includes(THINGS[n] ?? ""));
    assertEquals(results(trial, EVERYWHERE, operation), known);
  });
}

test("a socket is looked at, and never opened or removed", {
  skip: !realFilesHave("special files"),
}, async () => {
  const place = realPlace();
  const { fs, join } = place.runtime;
  const path = join(place.home, "socket");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const operations = [
    () => fs.readTextFile(path),
    () => fs.readFile(path),
    () => fs.overwriteFile(path, "", "a"),
    () => fs.remove(path),
    () => fs.createFile(path, "a", 0o600, false),
  ];
  const codes = operations.map((operation) => {
    try {
      return operation();
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  });
  assertEquals(codes, ["EFTYPE", "EFTYPE", "EFTYPE", "EFTYPE", "EEXIST"]);
  assertEquals(fs.stat(path)?.kind, "other");
  await new Promise((resolve) => server.close(resolve));
  place.end();
});

test("a file larger than 64 MB is told of, and never read", () => {
  const place = realPlace();
  const { fs, join } = place.runtime;
  const path = join(place.home, "large");
  for (const size of [64 * 1024 * 1024, 64 * 1024 * 1024 + 1, 2 ** 30]) {
    place.write(path, "");
    truncateSync(path, size);
    assertEquals(fs.stat(path)?.size, size);
    for (const read of [() => fs.readFile(path).length, () => fs.readTextFile(path).length]) {
      if (size > 64 * 1024 * 1024) assertThrows(read, Error, "larger than 64 MB");
      else assertEquals(read(), size);
    }
  }
  place.end();
});

/** What the adapter asks Deno, which keeps each question for as long as the process lives. */
function questions(): { paths: string[]; end: () => void } {
  const { permissions } = Deno;
  const querySync = permissions.querySync.bind(permissions);
  const paths: string[] = [];
  permissions.querySync = (descriptor) => {
    if ("path" in descriptor) paths.push(String(descriptor.path));
    return querySync(descriptor);
  };
  return { paths, end: () => void (permissions.querySync = querySync) };
}

test("on Deno, a process that stores for ever does not ask of ever more", {
  skip: "Deno" in globalThis ? false : "this is not Deno",
}, async () => {
  const place = realPlace();
  const { paths, end } = questions();
  try {
    const store = openClientStore({ runtime: place.runtime });
    await store.store("https://auth.example", { client_id: "0" });
    const asked = new Set(paths).size;
    for (let n = 1; n <= 20; n++) await store.store("https://auth.example", { client_id: `${n}` });
    assert(asked > 0 && new Set(paths).size === asked, `asked of ${paths.slice(-2).join(", ")}`);
  } finally {
    end();
    place.end();
  }
});
