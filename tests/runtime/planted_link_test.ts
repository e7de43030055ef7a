import { test } from "node:test";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { realFilesHave, realPlace } from "../support/places.ts";

type Call = "openSync" | "mkdirSync";

/** What the adapter under test calls. */
const native: Record<Call, (...args: never[]) => unknown> = "Deno" in globalThis
  ? Deno
  : process.getBuiltinModule("node:fs");

/** Runs `operation` with something else at its path from right before or after a call to the system. */
function withPlanted<T>(
  when: "before" | "after",
  call: Call,
  plant: () => void,
  operation: () => T,
): T {
  const original = native[call];
  native[call] = (...args) => {
    native[call] = original;
    if (when === "before") plant();
    const result = original(...args);
    if (when === "after") plant();
    return result;
  };
  try {
    return operation();
  } finally {
    assert(native[call] === original, "nothing was called");
    native[call] = original;
  }
}

for (const target of ["another file", "another file of the same length", "a FIFO"]) {
  test(
    `a link to ${target} that takes the name of a file while it is overwritten is not written through`,
    {
      skip: !realFilesHave("links"),
    },
    () => {
      const place = realPlace();
      const { fs, join } = place.runtime;
      const [path, victim] = ["lock", "victim"].map((name) => join(place.home, name)) as [
        string,
        string,
      ];
      const secret = target.endsWith("length") ? "private" : "private to somebody else";
      fs.createFile(path, "known-0", 0o600, false);
      if (target === "a FIFO") execFileSync("mkfifo", [victim]);
      else writeFileSync(victim, secret);
      const plant = () => {
        rmSync(path);
        symlinkSync(victim, `${path}.new`);
        renameSync(`${path}.new`, path);
      };
      let isWritten = false;
      try {
        isWritten = withPlanted(
          "before",
          "openSync",
          plant,
          () => fs.overwriteFile(path, "known-0", "known-1"),
        );
      } catch {
        // a link may be told of
      }
      assertEquals(isWritten, false);
      if (target !== "a FIFO") assertEquals(readFileSync(victim, "utf8"), secret);
      place.end();
    },
  );
}

for (const kind of ["file", "directory"] as const) {
  test(
    `a link that takes the name of a ${kind} once it is created costs nobody a file, or its mode`,
    {
      skip: !realFilesHave("links"),
    },
    () => {
      const place = realPlace();
      const { fs, join } = place.runtime;
      const [path, victim] = ["new", "victim"].map((name) => join(place.home, name)) as [
        string,
        string,
      ];
      writeFileSync(victim, "somebody's");
      chmodSync(victim, 0o644);
      const plant = () => {
        if (kind === "file") rmSync(path);
        else rmdirSync(path);
        symlinkSync(victim, path);
      };
      const [call, create] = kind === "file"
        ? ["openSync", () => fs.createFile(path, "secret", 0o600, true)] as const
        : ["mkdirSync", () => fs.makeDirectory(path, 0o700)] as const;
      try {
        withPlanted("after", call, plant, create);
      } catch {
        // it may be told of
      }
      assertEquals(readFileSync(victim, "utf8"), "somebody's");
      assertEquals(statSync(victim).mode & 0o777, 0o644);
      place.end();
    },
  );
}
