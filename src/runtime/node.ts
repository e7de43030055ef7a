/**
 * The adapter for Node.
 *
 * `openClientStore` finds out by itself what it runs on: import this to name the runtime, such as for
 * a program that is bundled for it alone, or to wrap it in a test.
 *
 * @module
 */
import { createAsyncLocal } from "./async_local.ts";
import type { FileInfo, FileSystem, Owner, Runtime } from "./runtime.ts";
import { failure, isOptional, requireRegular } from "./regular_file.ts";
import { withPermissions } from "./node_permissions.ts";
import { changeAccess } from "./change_access.ts";
import { infoOf } from "./node_stats.ts";

export type { FileInfo, FileSystem, Owner, Runtime };

if (typeof process.getBuiltinModule !== "function") {
  throw new TypeError(
    `@oauth2/client-store needs Node 20.16, 22.3 or later: this is ${process.version}`,
  );
}

// A static import first builds an ES module around a built-in one, which costs a start a millisecond.
const fs = process.getBuiltinModule("node:fs");
const { join } = process.getBuiltinModule("node:path");

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
// Windows has none of these: it has no FIFOs to wait for, and its links take a privilege.
const { O_NONBLOCK = 0, O_NOFOLLOW = 0, O_DIRECTORY = 0, O_SYNC = 0 } = fs.constants;

const MAY_BE_MISSING = { throwIfNoEntry: false } as const;
const UTF8 = { encoding: "utf8" } as const; // a string would be made into such an object each time

const isOnWindows = process.platform === "win32";

/** Node's permission model has no fsync, no fchmod and no fchown; what it has instead does as well. */
const isRestricted = process.permission !== undefined;

function withOpen<T>(path: string, flags: number, mode: number, use: (fd: number) => T): T {
  let fd: number;
  try {
    fd = fs.openSync(path, flags, mode);
  } catch (error) {
    const { code = "" } = error as { code?: string };
    // So answers a socket, and a FIFO that nobody reads.
    throw ["ENXIO", "ENOTSUP", "EOPNOTSUPP"].includes(code)
      ? failure("EFTYPE", `"${path}" is no regular file`)
      : error;
  }
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function withRegular<T>(path: string, flags: number, use: (fd: number) => T): T {
  return withOpen(path, flags | O_NONBLOCK, 0, (fd) => {
    requireRegular(infoOf(fs.fstatSync(fd)), path);
    return use(fd);
  });
}

/** Gives what has just been created its mode, and to `owner` what root has made. */
function protect(path: string, fd: number, mode: number, owner: Owner | undefined): void {
  if (isOnWindows) return;
  const info = fs.fstatSync(fd);
  const { uid, gid } = owner ?? {};
  const isForeign = info.uid === 0 && uid !== undefined && uid !== 0 && gid !== undefined;
  // The umask may have taken too much; asking is cheaper than changing.
  if ((info.mode & 0o777) !== mode) {
    tolerantly(() => isRestricted ? fs.chmodSync(path, mode) : fs.fchmodSync(fd, mode));
  }
  if (!isForeign) return;
  tolerantly(() => isRestricted ? fs.lchownSync(path, uid, gid) : fs.fchownSync(fd, uid, gid));
}

function tolerantly(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (!isOptional(error)) throw error;
  }
}

/** Tells whether `path` is a link, which Windows would follow even where a file is to be created. */
const isLink = (path: string) => fs.lstatSync(path, MAY_BE_MISSING)?.isSymbolicLink() === true;

const fileSystem: FileSystem = {
  stat(path) {
    try {
      return infoOf(fs.statSync(path));
    } catch (error) {
      // Not `throwIfNoEntry`: newer Nodes (22.23, 24, 26) take ENOTDIR for a missing file, too.
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
  },
  readLink: (path) => isLink(path) ? fs.readlinkSync(path) : undefined,
  readDirectory: (path) => fs.readdirSync(path),
  readFile: (path) => withRegular(path, O_RDONLY, (fd) => fs.readFileSync(fd)),
  readTextFile: (path) => withRegular(path, O_RDONLY, (fd) => fs.readFileSync(fd, UTF8)),
  createFile(path, data, mode, flush, owner) {
    if (isOnWindows && isLink(path)) throw failure("EEXIST", `"${path}" is a link`);
    const sync = flush && isRestricted ? O_SYNC : 0;
    withOpen(path, O_WRONLY | O_CREAT | O_EXCL | sync, mode, (fd) => {
      protect(path, fd, mode, owner);
      fs.writeFileSync(fd, data);
      if (flush && !isRestricted) tolerantly(() => fs.fsyncSync(fd));
    });
  },
  overwriteFile(path, known, text) {
    if (isOnWindows && isLink(path)) throw failure("ELOOP", `"${path}" is a link`);
    return withRegular(path, O_RDWR | O_NOFOLLOW, (fd) => {
      if (fs.readFileSync(fd, UTF8) !== known) return false;
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) {
        at += fs.writeSync(fd, bytes, at, bytes.length - at, at);
      }
      return true;
    });
  },
  rename(from, to) {
    // Windows says EPERM, as of a file that somebody has open.
    if (isOnWindows && fs.statSync(to, MAY_BE_MISSING)?.isDirectory()) {
      throw failure("EISDIR", `"${to}" is a directory`);
    }
    fs.renameSync(from, to);
  },
  remove(path) {
    const info = fs.lstatSync(path);
    if (!info.isSymbolicLink()) requireRegular({ ...infoOf(info), size: 0 }, path);
    fs.unlinkSync(path);
  },
  makeDirectory(path, mode, owner) {
    fs.mkdirSync(path, mode);
    if (isOnWindows) return;
    // Root must not be led elsewhere by whose directory it is in; others may not be let in yet.
    if (process.getuid?.() !== 0) {
      const info = fs.lstatSync(path);
      if (!info.isDirectory() || (info.mode & 0o777) === mode) return;
      return tolerantly(() => fs.chmodSync(path, mode));
    }
    withOpen(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, (fd) => protect(path, fd, mode, owner));
  },
  setAccess(path, mode, owner, known) {
    const info = fs.lstatSync(path);
    if (info.isSymbolicLink()) throw failure("ELOOP", `"${path}" is a link`);
    if (!info.isDirectory()) requireRegular({ ...infoOf(info), size: 0 }, path);
    if (isOnWindows) return;
    if (process.getuid?.() !== 0 || isRestricted) {
      // Not by a handle: what keeps its owner out cannot be opened.
      return changeAccess(info, { mode, owner, known }, {
        chmod: (mode) => fs.chmodSync(path, mode),
        chown: (uid, gid) => fs.lchownSync(path, uid, gid),
      });
    }
    // Root must not be led elsewhere by whose directory it is in.
    withOpen(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, (fd) => {
      changeAccess(fs.fstatSync(fd), { mode, owner, known }, {
        chmod: (mode) => fs.fchmodSync(fd, mode),
        chown: (uid, gid) => fs.fchownSync(fd, uid, gid),
      });
    });
  },
  flushDirectory(path) {
    // A directory cannot be opened on Windows, where NTFS keeps the order of its own changes.
    if (isOnWindows) return;
    tolerantly(() =>
      withOpen(path, O_RDONLY | O_DIRECTORY, 0, (fd) => isRestricted || fs.fsyncSync(fd))
    );
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
 * console.log(await store.lookup("https://auth.example")); // Prints: undefined
 * ```
 */
export const nodeRuntime: Runtime = {
  name: "node",
  pid: process.pid,
  createAsyncLocal,
  env: (name) => process.env[name],
  join,
  userId: () => process.getuid?.(),
  fs: isRestricted ? withPermissions(fileSystem) : fileSystem,
};
