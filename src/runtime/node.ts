/**
 * The adapter for Node.
 *
 * @module
 */
import type { FileInfo, FileSystem, Runtime } from "./runtime.ts";

export type { FileInfo, FileSystem, Runtime };

// A static import first builds an ES module around a built-in one, which costs a start a millisecond.
const fs = process.getBuiltinModule("node:fs");
const { join } = process.getBuiltinModule("node:path");

const MAY_BE_MISSING = { throwIfNoEntry: false } as const;
const UTF8 = { encoding: "utf8" } as const; // a string would be made into such an object each time

/** A directory cannot be opened on Windows, where NTFS keeps the order of its own changes. */
const canOpenDirectories = process.platform !== "win32";

function withFile(path: string, flags: string, mode: number, use: (fd: number) => void): void {
  const fd = fs.openSync(path, flags, mode);
  try {
    use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

const fileSystem: FileSystem = {
  stat(path) {
    const info = fs.statSync(path, MAY_BE_MISSING);
    return info && { mtime: info.mtimeMs, ctime: info.ctimeMs, size: info.size, ino: info.ino };
  },
  readLink(path) {
    if (!fs.lstatSync(path, MAY_BE_MISSING)?.isSymbolicLink()) return undefined;
    return fs.readlinkSync(path);
  },
  readDirectory: (path) => fs.readdirSync(path),
  readFile: (path) => fs.readFileSync(path),
  readTextFile: (path) => fs.readFileSync(path, UTF8),
  createFile(path, data, mode, flush) {
    withFile(path, "wx", mode, (fd) => {
      // The umask may have taken too much; asking is cheaper than changing.
      if ((fs.fstatSync(fd).mode & 0o777) !== mode) fs.fchmodSync(fd, mode);
      fs.writeFileSync(fd, data);
      if (flush) fs.fsyncSync(fd);
    });
  },
  overwriteFile(path, text) {
    withFile(path, "r+", 0o600, (fd) => fs.writeFileSync(fd, text));
  },
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  makeDirectory(path, mode) {
    fs.mkdirSync(path, mode);
    fs.chmodSync(path, mode); // the umask may have taken too much
  },
  flushDirectory(path) {
    if (canOpenDirectories) withFile(path, "r", 0o700, (fd) => fs.fsyncSync(fd));
  },
};

/**
 * Node, as the core sees it.
 *
 * @example Open a store on Node, without asking which runtime it is
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { nodeRuntime } from "@oauth2/client-store/node";
 *
 * const store = openClientStore({ runtime: nodeRuntime, path: "/nowhere/registered.json" });
 * console.log(await store.lookup("https://auth.example")); // undefined
 * ```
 */
export const nodeRuntime: Runtime = {
  name: "node",
  env: (name) => process.env[name],
  join,
  fs: fileSystem,
};
