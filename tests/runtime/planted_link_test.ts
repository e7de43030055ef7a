import { test } from "node:test";
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { realFilesHave, realPlace } from "../support/places.ts";

/** What the adapter under test opens files with. */
const native: { openSync: (...args: never[]) => unknown } = "Deno" in globalThis
  ? Deno
  : process.getBuiltinModule("node:fs");

/** Runs `operation` with something else at its path from right before the file is opened. */
function withPlanted<T>(plant: () => void, operation: () => T): T {
  const { openSync } = native;
  native.openSync = (...args) => {
    native.openSync = openSync;
    plant();
    return openSync(...args);
  };
  try {
    return operation();
  } finally {
    assert(native.openSync === openSync, "nothing was opened");
    native.openSync = openSync;
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
        isWritten = withPlanted(plant, () => fs.overwriteFile(path, "known-0", "known-1"));
      } catch {
        // a link may be told of
      }
      assertEquals(isWritten, false);
      if (target !== "a FIFO") assertEquals(readFileSync(victim, "utf8"), secret);
      place.end();
    },
  );
}
