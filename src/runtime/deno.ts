/**
 * The adapter for Deno: `Deno.*` and `@std/path` only, because touching `process` or `node:fs` costs
 * a command many times what its lookup does.
 *
 * It asks for no permission: what is not granted fails with code `EACCES` and names the flag.
 *
 * `openClientStore` finds out by itself what it runs on: import this to name the runtime, such as for
 * a program that is bundled for it alone, or to wrap it in a test.
 *
 * @module
 */
// "@std/path/join" chooses between the two at ten times their cost.
import { join as joinPosix } from "@std/path/posix/join";
import { join as joinWindows } from "@std/path/windows/join";
import { createAsyncLocal } from "./async_local.ts";
import type { FileInfo, FileSystem, Owner, Runtime } from "./runtime.ts";
import { coded } from "./deno_errors.ts";
import { changeAccessOf, giveTo } from "./deno_owner.ts";
import { failure, isOptional, requireRegular } from "./regular_file.ts";

export type { FileInfo, FileSystem, Owner, Runtime };

const isOnWindows = "Deno" in globalThis && Deno.build.os === "windows";

const readable = new Set<string>();
const writable = new Set<string>();
/** What is granted is noted for so many paths: of temporary files there are ever new ones. */
const MOST_NOTED = 1000;

/**
 * A prompt would hang a program that nobody watches, so what is not granted counts as denied.
 *
 * Deno keeps every question it was ever asked, and each temporary file has a name of its own: so it is
 * asked of the directory first, which answers for all that it holds unless a part of it is denied.
 */
function requirePermission(name: "read" | "write", path: string): void {
  const granted = name === "read" ? readable : writable;
  if (granted.has(path)) return;
  const ask = (path: string) => Deno.permissions.querySync({ name, path });
  const [, directory] = (isOnWindows ? /^(.*[\\/])[^\\/]+$/s : /^(.*\/)[^/]+$/s).exec(path) ?? [];
  // What ends in ".." leads out of it.
  const whole = directory && !path.endsWith("..") ? ask(directory) : undefined;
  const isGranted = whole?.state === "granted" && !whole.partial;
  if (!isGranted && ask(path).state !== "granted") {
    throw failure("EACCES", `"${path}" requires --allow-${name}`);
  }
  if (granted.size >= MOST_NOTED) granted.clear();
  granted.add(path);
}

function reading<T>(path: string, operation: () => T): T {
  try {
    requirePermission("read", path);
    return operation();
  } catch (error) {
    throw coded(error);
  }
}

function writing<T>(path: string, operation: () => T): T {
  try {
    requirePermission("write", path);
    return operation();
  } catch (error) {
    throw coded(error);
  }
}

/** The result of `look`, or `undefined` where nothing is. */
function ifThere<T>(path: string, look: () => T): T | undefined {
  try {
    return reading(path, look);
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}

function infoOf(info: Deno.FileInfo): FileInfo {
  return {
    mtime: info.mtime?.getTime() ?? NaN,
    ctime: (info.ctime ?? info.mtime)?.getTime() ?? NaN,
    size: info.size,
    ino: info.ino ?? 0,
    kind: info.isFile ? "file" : info.isDirectory ? "directory" : "other",
    mode: isOnWindows || info.mode === null ? undefined : info.mode & 0o777,
    uid: info.uid ?? undefined,
    gid: info.gid ?? undefined,
  };
}

/** Reads what is a regular file; before, because opening a FIFO would wait for whoever writes to it. */
function readRegular<T>(path: string, read: (path: string) => T): T {
  return reading(path, () => {
    requireRegular(infoOf(Deno.statSync(path)), path);
    return read(path);
  });
}

function tolerantly(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (!isOptional(coded(error))) throw error;
  }
}

/** A file that is told about by its path: told about by its handle, Deno asks at the terminal. */
function withFile<T>(path: string, options: Deno.OpenOptions, use: (file: Deno.FsFile) => T): T {
  const file = Deno.openSync(path, options);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

function writeAll(file: Deno.FsFile, data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Tells whether an open file holds exactly this; one that could be waited for is no file to seek in. */
function holds(file: Deno.FsFile, text: string): boolean {
  const bytes = new Uint8Array(new TextEncoder().encode(text).length);
  if (file.seekSync(0, Deno.SeekMode.End) !== bytes.length) return false;
  file.seekSync(0, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    const length = file.readSync(bytes.subarray(at));
    if (length === null) return false;
    at += length;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) === text;
}

/** Gives what has just been created its mode, and to `owner` what root has made. */
function protect(path: string, mode: number, owner: Owner | undefined): void {
  if (isOnWindows) return;
  const info = Deno.lstatSync(path);
  if (info.isSymlink) return; // somebody has put it there since, and it leads to what is not ours
  // The umask may have taken too much; asking is cheaper than changing.
  if ((info.mode ?? 0) % 0o1000 !== mode) tolerantly(() => Deno.chmodSync(path, mode));
  if (info.uid === 0 && owner) tolerantly(() => giveTo(owner, path));
}

const fs: FileSystem = {
  stat: (path) => ifThere(path, () => infoOf(Deno.statSync(path))),
  readLink: (path) =>
    ifThere(path, () => Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : undefined),
  readDirectory: (path) =>
    reading(path, () => Array.from(Deno.readDirSync(path), ({ name }) => name)),
  readFile: (path) => readRegular(path, Deno.readFileSync),
  readTextFile: (path) => readRegular(path, Deno.readTextFileSync),
  createFile(path, data, mode, flush, owner) {
    reading(path, () => {}); // refused now, it leaves nothing half-made
    writing(path, () => {
      withFile(path, { write: true, createNew: true, mode }, (file) => {
        protect(path, mode, owner);
        writeAll(file, data);
        if (flush) tolerantly(() => file.syncSync());
      });
    });
  },
  overwriteFile(path, known, text) {
    reading(path, () => {
      const info = Deno.lstatSync(path);
      if (info.isSymlink) throw failure("ELOOP", `"${path}" is a link`);
      requireRegular(infoOf(info), path);
    });
    // Deno follows a link that has taken the name by now: what it leads to must hold the same.
    return writing(path, () =>
      withFile(path, { read: true, write: true }, (file) => {
        if (!holds(file, known)) return false;
        file.seekSync(0, Deno.SeekMode.Start);
        writeAll(file, text);
        return true;
      }));
  },
  rename(from, to) {
    reading(from, () => writing(from, () => {}));
    writing(to, () => {
      // Windows says EPERM, as of a file that somebody has open.
      if (isOnWindows && fs.stat(to)?.kind === "directory") {
        throw failure("EISDIR", `"${to}" is a directory`);
      }
      Deno.renameSync(from, to);
    });
  },
  remove(path) {
    // Deno removes a directory, too.
    reading(path, () => {
      const info = Deno.lstatSync(path);
      if (!info.isSymlink) requireRegular({ ...infoOf(info), size: 0 }, path);
    });
    writing(path, () => Deno.removeSync(path));
  },
  makeDirectory(path, mode, owner) {
    reading(path, () => {});
    writing(path, () => {
      Deno.mkdirSync(path, { mode });
      protect(path, mode, owner);
    });
  },
  setAccess(path, mode, owner, known) {
    reading(path, () => {
      const info = Deno.lstatSync(path);
      if (info.isSymlink) throw failure("ELOOP", `"${path}" is a link`);
      if (!info.isDirectory) requireRegular({ ...infoOf(info), size: 0 }, path);
    });
    if (!isOnWindows) writing(path, () => changeAccessOf(path, { mode, owner, known }));
  },
  flushDirectory(path) {
    if (isOnWindows) return;
    reading(path, () => {
      if (!Deno.statSync(path).isDirectory) throw failure("ENOTDIR", `"${path}"`);
      tolerantly(() => withFile(path, { read: true }, (directory) => directory.syncSync()));
    });
  },
};

/**
 * Deno, as the core sees it.
 *
 * @example Open a store on Deno, without asking which runtime it is
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { denoRuntime } from "@oauth2/client-store/deno";
 *
 * const store = openClientStore({ runtime: denoRuntime, path: "/nowhere/registered.json" });
 * console.log(await store.lookup("https://auth.example")); // Prints: undefined
 * ```
 */
export const denoRuntime: Runtime = {
  name: "deno",
  pid: "Deno" in globalThis ? Deno.pid : undefined,
  env(name) {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) : undefined;
  },
  join: isOnWindows ? joinWindows : joinPosix,
  fs,
  userId() {
    const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
    return state === "granted" ? Deno.uid() ?? undefined : undefined;
  },
  unrefTimer: (timer) => Deno.unrefTimer(timer as number),
  createAsyncLocal,
};
