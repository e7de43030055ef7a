import { win32 } from "node:path";
import type { FileInfo, FileSystem, Runtime } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { posixError } from "./intercepted_runtime.ts";

/**
 * What whoever has a file open lets others do: everything, as Node, Deno and Bun; all but delete it,
 * as what is written in C, and scanners; nothing.
 */
export type Sharing = "everything" | "all but delete" | "nothing";

interface Handle {
  readonly path: string;
  readonly sharing: Sharing;
}

/** A runtime that answers as on Windows, and what others do there. */
export interface WindowsRuntime extends Runtime {
  /** Has a file open, if it is there, until the result is called. */
  hold(path: string, sharing: Sharing): () => void;
  /** Writes a file as another program would. */
  write(path: string, data: string | Uint8Array): void;
  /** Removes an empty directory. */
  removeDirectory(path: string): void;
  /** Puts there what is neither file nor directory. */
  makeSpecial(path: string): void;
}

/** No inode number fits into a number: the last digits are lost. */
const LARGE = 2 ** 60;

/**
 * Creates a runtime as on Windows: names without case, backslashes, no modes, owners and links, and a
 * file that somebody has open is in the way of whoever renames over it or deletes it.
 *
 * @param pendingDeletes Whether a deleted name stays until the last handle is closed, as with Node 20.
 */
export function createWindowsRuntime(
  env: { [name: string]: string },
  { pendingDeletes = false }: { pendingDeletes?: boolean } = {},
): WindowsRuntime {
  const memory = createMemoryRuntime();
  const handles = new Set<Handle>();
  const deleted = new Set<string>();
  const { fs } = memory;

  /** The path in memory: names that differ in case, or in what Windows drops, are one. */
  const locate = (path: string): string => {
    let here = "";
    for (const part of win32.normalize(path).split("\\").filter((part) => part !== "")) {
      const name = part === "." ? part : part.replace(/[. ]+$/, "");
      const isDirectory = fs.stat(here || "/")?.kind === "directory";
      const names = isDirectory ? fs.readDirectory(here || "/") : [];
      here += `/${names.find((other) => other.toUpperCase() === name.toUpperCase()) ?? name}`;
    }
    return here || "/";
  };
  const isHeld = (path: string, ...sharing: Sharing[]) =>
    [...handles].some((handle) => handle.path === path && sharing.includes(handle.sharing));
  const open = (path: string): string => {
    const place = locate(path);
    if (deleted.has(place)) throw posixError("EPERM");
    if (isHeld(place, "nothing")) throw posixError("EBUSY");
    return place;
  };
  /** What is below a file is not there. */
  const asWindows = <T>(operation: () => T): T => {
    try {
      return operation();
    } catch (error) {
      throw (error as { code?: string }).code === "ENOTDIR" ? posixError("ENOENT") : error;
    }
  };
  const stat = (path: string): FileInfo | undefined => {
    try {
      const place = locate(path);
      if (deleted.has(place)) throw posixError("EPERM");
      const info = asWindows(() => fs.stat(place));
      if (!info) return undefined;
      const { mtime, ctime, size, ino, kind } = info;
      return { mtime, ctime, size, ino: LARGE + ino, kind };
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
  };
  const windows: FileSystem = {
    stat,
    readLink(path) {
      if (deleted.has(locate(path))) throw posixError("EPERM");
      return undefined;
    },
    readDirectory(path) {
      if (stat(path)?.kind === "file") throw posixError("ENOTDIR");
      return asWindows(() => fs.readDirectory(locate(path)));
    },
    readFile: (path) => asWindows(() => fs.readFile(open(path))),
    readTextFile: (path) => asWindows(() => fs.readTextFile(open(path))),
    createFile: (path, data, mode, flush) =>
      asWindows(() => fs.createFile(open(path), data, mode, flush)),
    overwriteFile: (path, known, text) =>
      asWindows(() => fs.overwriteFile(open(path), known, text)),
    rename(from, to) {
      const [source, target] = [open(from), locate(to)];
      if (isHeld(source, "all but delete")) throw posixError("EBUSY");
      if (deleted.has(target)) throw posixError("EPERM");
      if (isHeld(target, "nothing")) throw posixError("EBUSY");
      if (isHeld(target, "everything", "all but delete")) throw posixError("EPERM");
      asWindows(() => fs.rename(source, target));
    },
    remove(path) {
      const place = open(path);
      if (isHeld(place, "all but delete")) throw posixError("EBUSY");
      if (!isHeld(place, "everything") || !pendingDeletes) return asWindows(() => fs.remove(place));
      deleted.add(place);
    },
    makeDirectory: (path, mode) => asWindows(() => fs.makeDirectory(locate(path), mode)),
    setAccess(path) {
      const info = stat(path);
      if (!info) throw posixError("ENOENT");
      if (info.kind === "other") throw posixError("EFTYPE");
    },
    flushDirectory: () => {},
  };
  return {
    name: "windows",
    env: (name) => env[name],
    join: (...segments) => win32.join(...segments),
    fs: windows,
    hold(path, sharing) {
      const handle = { path: locate(path), sharing };
      if (!fs.stat(handle.path)) return () => {}; // nothing to open
      handles.add(handle);
      return () => {
        handles.delete(handle);
        if (!deleted.has(handle.path) || isHeld(handle.path, "everything")) return;
        deleted.delete(handle.path);
        fs.remove(handle.path);
      };
    },
    removeDirectory: (path) => memory.removeDirectory(locate(path)),
    write: (path, data) => memory.write(locate(path), data),
    makeSpecial: (path) => memory.makeSpecial(locate(path)),
  };
}
