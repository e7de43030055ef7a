/**
 * A runtime in memory, for tests of programs that use the library: its own environment and its own
 * files, so that no test touches the user's.
 *
 * @module
 */
import type { FileInfo, FileSystem, Runtime } from "./runtime.ts";

export type { FileInfo, FileSystem, Runtime };

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
  /** Writes a file as another program would, in place, with mode 0644 if it is new. */
  write(path: string, data: string | Uint8Array): void;
  /** Makes a symbolic link. */
  link(target: string, path: string): void;
}

type Node = Directory | File | Link;
interface Directory {
  kind: "directory";
  mode: number;
  ino: number;
}
interface File {
  kind: "file";
  mode: number;
  ino: number;
  bytes: Uint8Array;
  mtime: number;
  ctime: number;
}
interface Link {
  kind: "link";
  target: string;
}

/** The tree of files: a map from absolute path to what stands there. */
class MemoryFileSystem implements FileSystem {
  readonly nodes: Map<string, Node> = new Map([["/", { kind: "directory", mode: 0o755, ino: 1 }]]);
  #lastIno = 1;

  stat(path: string): FileInfo | undefined {
    const node = this.nodes.get(this.#resolve(path));
    if (!node) this.#requireParent(path, ["ENOENT"]);
    if (node?.kind === "directory") return { mtime: 0, ctime: 0, size: 0, ino: node.ino };
    if (node?.kind !== "file") return undefined;
    return { mtime: node.mtime, ctime: node.ctime, size: node.bytes.length, ino: node.ino };
  }

  readLink(path: string): string | undefined {
    const node = this.nodes.get(path);
    return node?.kind === "link" ? node.target : undefined;
  }

  readDirectory(path: string): string[] {
    const node = this.nodes.get(this.#resolve(path));
    if (!node) throw failure("ENOENT", path);
    if (node.kind !== "directory") throw failure("ENOTDIR", path);
    const start = path === "/" ? path : `${path}/`;
    return [...this.nodes.keys()].filter((key) => key.startsWith(start) && key !== start)
      .map((key) => key.slice(start.length)).filter((name) => !name.includes("/"));
  }

  readFile(path: string): Uint8Array {
    return this.#file(path).bytes.slice();
  }

  readTextFile(path: string): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#file(path).bytes);
  }

  createFile(path: string, data: string | Uint8Array, mode: number, _flush: boolean): void {
    this.#requireParent(path);
    if (this.nodes.has(path)) throw failure("EEXIST", path);
    const time = Date.now();
    const ino = ++this.#lastIno;
    this.nodes.set(path, {
      kind: "file",
      mode,
      ino,
      bytes: toBytes(data),
      mtime: time,
      ctime: time,
    });
  }

  overwriteFile(path: string, text: string): void {
    const file = this.#file(path);
    const bytes = toBytes(text);
    const rest = file.bytes.subarray(bytes.length);
    file.bytes = new Uint8Array([...bytes, ...rest]);
    file.mtime = file.ctime = Date.now();
  }

  rename(from: string, to: string): void {
    const node = this.nodes.get(from);
    if (!node) throw failure("ENOENT", from);
    this.#requireParent(to);
    if (this.nodes.get(to)?.kind === "directory") throw failure("EISDIR", to);
    this.nodes.delete(from);
    this.nodes.set(to, node);
    if (node.kind === "file") node.ctime = Date.now();
  }

  remove(path: string): void {
    const node = this.nodes.get(path);
    if (!node) throw failure("ENOENT", path);
    if (node.kind === "directory") throw failure("EISDIR", path);
    this.nodes.delete(path);
  }

  makeDirectory(path: string, mode: number): void {
    this.#requireParent(path);
    if (this.nodes.has(path)) throw failure("EEXIST", path);
    this.nodes.set(path, { kind: "directory", mode, ino: ++this.#lastIno });
  }

  flushDirectory(path: string): void {
    if (this.nodes.get(this.#resolve(path))?.kind !== "directory") throw failure("ENOENT", path);
  }

  #file(path: string): File {
    const node = this.nodes.get(this.#resolve(path));
    if (!node) {
      this.#requireParent(path, ["ENOENT"]);
      throw failure("ENOENT", path);
    }
    if (node.kind !== "file") throw failure("EISDIR", path);
    return node;
  }

  #resolve(path: string): string {
    for (let hops = 0; hops < 40; hops++) {
      const node = this.nodes.get(path);
      if (node?.kind !== "link") return path;
      path = node.target.startsWith("/") ? node.target : join(path, "..", node.target);
    }
    throw failure("ELOOP", path);
  }

  #requireParent(path: string, allowed: readonly string[] = []): void {
    const parent = this.nodes.get(this.#resolve(join(path, "..")));
    const code = parent === undefined ? "ENOENT" : parent.kind === "directory" ? "" : "ENOTDIR";
    if (code !== "" && !allowed.includes(code)) throw failure(code, path);
  }
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
 * import { assertEquals } from "@std/assert";
 *
 * const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
 * const store = openClientStore({ runtime });
 * await store.store("https://auth.example", { client_id: "abc123" });
 * assertEquals(store.path, "/home/u/.config/ocamlgpt/registered.json");
 * assertEquals(runtime.mode(store.path), 0o600);
 * ```
 */
export function createMemoryRuntime(options: MemoryRuntimeOptions = {}): MemoryRuntime {
  const fs = new MemoryFileSystem();
  const makeParents = (path: string) => {
    const parent = join(path, "..");
    if (fs.nodes.has(parent)) return;
    makeParents(parent);
    fs.makeDirectory(parent, 0o755);
  };
  const write = (path: string, data: string | Uint8Array) => {
    makeParents(path);
    const known = fs.nodes.get(path);
    if (known?.kind !== "file") return fs.createFile(path, data, 0o644, false);
    known.bytes = toBytes(data);
    known.mtime = known.ctime = Date.now();
  };
  for (const [path, data] of Object.entries(options.files ?? {})) write(path, data);
  return {
    name: "memory",
    env: (name) => options.env && Object.hasOwn(options.env, name) ? options.env[name] : undefined,
    join,
    fs,
    files() {
      const files = [...fs.nodes].filter(([, node]) => node.kind === "file");
      return Object.fromEntries(files.map(([path]) => [path, fs.readTextFile(path)]));
    },
    mode(path) {
      const node = fs.nodes.get(path);
      return node && node.kind !== "link" ? node.mode : undefined;
    },
    write,
    link(target, path) {
      makeParents(path);
      fs.nodes.set(path, { kind: "link", target });
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

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: "${path}"`), { code });
}
