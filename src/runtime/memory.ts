/**
 * A runtime in memory, for tests of programs that use the library: its own environment and its own
 * files, so that no test touches the user's.
 *
 * @module
 */
import { createAsyncLocal } from "./async_local.ts";
import type { FileInfo, FileSystem, Owner, Runtime } from "./runtime.ts";
import { MemoryFileSystem, OWNER } from "./memory_file_system.ts";

export type { FileInfo, FileSystem, Owner, Runtime };

/** What {@linkcode createMemoryRuntime} starts with. */
export interface MemoryRuntimeOptions {
  /** The environment variables; none unless given. */
  env?: { readonly [name: string]: string };
  /** Files that are there from the beginning, by absolute path; their directories are made. */
  files?: { readonly [path: string]: string | Uint8Array };
}

/** A runtime in memory, and what tests want to see and do beyond it. */
export interface MemoryRuntime extends Runtime {
  /** Every file with its text, by path. */
  files(): { [path: string]: string };
  /** The permission bits of a file or directory; `undefined` when it is not there. */
  mode(path: string): number | undefined;
  /** Changes the permission bits of a file or directory. */
  setMode(path: string, mode: number): void;
  /** Writes a file as another program would, in place, with mode 0644 if it is new. */
  write(path: string, data: string | Uint8Array): void;
  /** Makes a symbolic link. */
  link(target: string, path: string): void;
  /** Removes an empty directory, which the library never does. */
  removeDirectory(path: string): void;
  /** Puts at `path` what is neither file, directory nor link: a FIFO, a socket, a device. */
  makeSpecial(path: string): void;
}

/**
 * Creates a runtime in memory.
 *
 * @param options Its environment and its first files.
 * @returns The runtime, for `openClientStore({ runtime })`.
 *
 * @example Test a program without touching the user's files
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
 * const store = openClientStore({ runtime });
 * await store.store("https://auth.example", { client_id: "abc123" });
 * console.log(store.path); // Prints: /home/u/.config/ocamlgpt/registered.json
 * console.log(runtime.mode(store.path)?.toString(8)); // Prints: 600
 * ```
 */
export function createMemoryRuntime(options: MemoryRuntimeOptions = {}): MemoryRuntime {
  const fs = new MemoryFileSystem();
  const makeParents = (path: string) => {
    const parent = join(path, "..");
    if (fs.stat(parent)) return;
    makeParents(parent);
    fs.makeDirectory(parent, 0o755);
  };
  const write = (path: string, data: string | Uint8Array) => {
    makeParents(path);
    fs.write(path, data);
  };
  for (const [path, data] of Object.entries(options.files ?? {})) write(path, data);
  return {
    name: "memory",
    createAsyncLocal,
    env: (name) => options.env && Object.hasOwn(options.env, name) ? options.env[name] : undefined,
    join,
    userId: () => OWNER.uid,
    fs,
    files() {
      const files = [...fs.nodes].filter(([, node]) => node.kind === "file");
      return Object.fromEntries(files.map(([path]) => [path, fs.readTextFile(path)]));
    },
    mode: (path) => fs.stat(path)?.mode,
    removeDirectory: (path) => fs.removeDirectory(path),
    setMode: (path, mode) => fs.setMode(path, mode),
    write,
    link(target, path) {
      makeParents(path);
      fs.link(target, path);
    },
    makeSpecial(path) {
      makeParents(path);
      fs.makeSpecial(path);
    },
  };
}

/** Joins and normalizes segments as POSIX does. */
function join(...segments: string[]): string {
  const whole = segments.filter((segment) => segment !== "").join("/");
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (parts.at(-1) ?? "..") === "..") {
      if (part !== ".." || !whole.startsWith("/")) parts.push(part);
    } else parts.pop();
  }
  return (whole.startsWith("/") ? "/" : "") + parts.join("/") || ".";
}
