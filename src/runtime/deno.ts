/**
 * The adapter for Deno: `Deno.*` and `@std/path` only, because touching `process` or `node:fs` costs
 * a command many times what its lookup does.
 *
 * It asks for no permission: what is not granted fails with code `EACCES` and names the flag.
 *
 * @module
 */
// "@std/path/join" chooses between the two at ten times their cost.
import { join as joinPosix } from "@std/path/posix/join";
import { join as joinWindows } from "@std/path/windows/join";
import type { FileInfo, FileSystem, Runtime } from "./runtime.ts";

export type { FileInfo, FileSystem, Runtime };

const isOnWindows = "Deno" in globalThis && Deno.build.os === "windows";

const readable = new Set<string>();
const writable = new Set<string>();

/** A prompt would hang a program that nobody watches, so what is not granted counts as denied. */
function requirePermission(name: "read" | "write", path: string): void {
  const granted = name === "read" ? readable : writable;
  if (granted.has(path)) return;
  if (Deno.permissions.querySync({ name, path }).state !== "granted") {
    const message = `Requires ${name} access to "${path}", run again with --allow-${name}`;
    throw Object.assign(new Error(message), { code: "EACCES" });
  }
  granted.add(path);
}

const CODES: { [name: string]: string } = {
  NotFound: "ENOENT",
  AlreadyExists: "EEXIST",
  PermissionDenied: "EACCES",
  NotCapable: "EACCES",
  IsADirectory: "EISDIR",
  NotADirectory: "ENOTDIR",
  FilesystemLoop: "ELOOP",
  Busy: "EBUSY",
};

function withCode<T>(name: "read" | "write", path: string, operation: () => T): T {
  try {
    requirePermission(name, path);
    return operation();
  } catch (error) {
    throw coded(error);
  }
}

/** The error, with the POSIX name of what it is. */
function coded(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: string }).code ?? CODES[error.name] ?? "EIO";
  return Object.assign(error, { code });
}

const fs: FileSystem = {
  stat(path) {
    try {
      requirePermission("read", path);
      const { mtime, ctime, size, ino } = Deno.statSync(path);
      return {
        mtime: mtime?.getTime() ?? NaN,
        ctime: (ctime ?? mtime)?.getTime() ?? NaN,
        size,
        ino: ino ?? 0,
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw coded(error);
    }
  },
  readLink(path) {
    try {
      requirePermission("read", path);
      return Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw coded(error);
    }
  },
  readDirectory: (path) =>
    withCode("read", path, () => Array.from(Deno.readDirSync(path), ({ name }) => name)),
  readFile: (path) => withCode("read", path, () => Deno.readFileSync(path)),
  readTextFile: (path) => withCode("read", path, () => Deno.readTextFileSync(path)),
  createFile(path, data, mode, flush) {
    withCode("write", path, () => {
      const file = Deno.openSync(path, { write: true, createNew: true, mode });
      try {
        if (!isOnWindows && (file.statSync().mode ?? 0) % 0o1000 !== mode) {
          Deno.chmodSync(path, mode);
        }
        writeAll(file, typeof data === "string" ? new TextEncoder().encode(data) : data);
        if (flush) file.syncSync();
      } finally {
        file.close();
      }
    });
  },
  overwriteFile(path, text) {
    withCode("write", path, () => {
      const file = Deno.openSync(path, { write: true });
      try {
        writeAll(file, new TextEncoder().encode(text));
      } finally {
        file.close();
      }
    });
  },
  rename(from, to) {
    withCode("read", from, () => withCode("write", to, () => Deno.renameSync(from, to)));
  },
  remove: (path) => withCode("write", path, () => Deno.removeSync(path)),
  makeDirectory(path, mode) {
    withCode("write", path, () => {
      Deno.mkdirSync(path, { mode });
      if (!isOnWindows) Deno.chmodSync(path, mode); // the umask may have taken too much
    });
  },
  flushDirectory(path) {
    if (isOnWindows) return;
    withCode("read", path, () => {
      const directory = Deno.openSync(path, { read: true });
      try {
        directory.syncSync();
      } finally {
        directory.close();
      }
    });
  },
};

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/**
 * Deno, as the core sees it.
 *
 * @example Open a store on Deno, without asking which runtime it is
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { denoRuntime } from "@oauth2/client-store/deno";
 *
 * const store = openClientStore({ runtime: denoRuntime, path: "/nowhere/registered.json" });
 * console.log(await store.lookup("https://auth.example")); // undefined
 * ```
 */
export const denoRuntime: Runtime = {
  name: "deno",
  env(name) {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) : undefined;
  },
  join: isOnWindows ? joinWindows : joinPosix,
  fs,
  unrefTimer: (timer) => Deno.unrefTimer(timer as number),
};
