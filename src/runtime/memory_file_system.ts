import type { FileInfo, FileSystem, Owner } from "./runtime.ts";
import { failure, requireRegular } from "./regular_file.ts";

/** What stands at a path. */
export type MemoryNode = {
  kind: "file" | "directory" | "other";
  mode: number;
  readonly ino: number;
  bytes: Uint8Array;
  mtime: number;
  ctime: number;
} | { readonly kind: "link"; readonly target: string };

/** Everything in memory belongs to one user. */
export const OWNER: Required<Owner> = { uid: 1000, gid: 1000 };
const MAX_LINKS = 40;

/** A file system in memory that answers as POSIX does. */
export class MemoryFileSystem implements FileSystem {
  /** What there is, by absolute path without links. */
  readonly nodes: Map<string, MemoryNode> = new Map();
  #lastIno = 0;

  constructor() {
    this.#put("/", "directory", 0o755);
  }

  stat(path: string): FileInfo | undefined {
    let node: MemoryNode | undefined;
    try {
      node = this.nodes.get(this.#locate(path, true));
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
    if (!node || node.kind === "link") return undefined;
    const { mtime, ctime, bytes, ino, kind, mode } = node;
    return { mtime, ctime, size: bytes.length, ino, kind, mode, ...OWNER };
  }

  readLink(path: string): string | undefined {
    try {
      const node = this.nodes.get(this.#locate(path, false));
      return node?.kind === "link" ? node.target : undefined;
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }

  readDirectory(path: string): string[] {
    const directory = this.#locate(path, true);
    this.#requireDirectory(directory);
    const start = directory === "/" ? directory : `${directory}/`;
    return [...this.nodes.keys()].filter((key) => key.startsWith(start) && key !== start)
      .map((key) => key.slice(start.length)).filter((name) => !name.includes("/"));
  }

  readFile(path: string): Uint8Array {
    return this.#file(path).bytes.slice();
  }

  readTextFile(path: string): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#file(path).bytes);
  }

  createFile(path: string, data: string | Uint8Array, mode: number): void {
    this.#put(this.#free(path), "file", mode, data);
  }

  overwriteFile(path: string, known: string, text: string): boolean {
    if (this.readLink(path) !== undefined) throw failure("ELOOP", `"${path}" is a link`);
    const file = this.#file(path);
    if (this.readTextFile(path) !== known) return false;
    const bytes = toBytes(text);
    file.bytes = new Uint8Array([...bytes, ...file.bytes.subarray(bytes.length)]);
    file.mtime = file.ctime = Date.now();
    return true;
  }

  rename(from: string, to: string): void {
    const [source, target] = [this.#locate(from, false), this.#locate(to, false)];
    const node = this.nodes.get(source);
    if (!node) throw failure("ENOENT", `"${from}"`);
    if (this.nodes.get(target)?.kind === "directory") throw failure("EISDIR", `"${to}"`);
    this.nodes.delete(source);
    this.nodes.set(target, node);
    if (node.kind !== "link") node.ctime = Date.now();
  }

  remove(path: string): void {
    const place = this.#locate(path, false);
    const node = this.nodes.get(place);
    if (!node) throw failure("ENOENT", `"${path}"`);
    if (node.kind !== "link") requireRegular({ kind: node.kind, size: 0 }, path);
    this.nodes.delete(place);
  }

  makeDirectory(path: string, mode: number): void {
    this.#put(this.#free(path), "directory", mode);
  }

  setAccess(path: string, mode: number, owner: Owner = OWNER, known?: FileInfo): void {
    const node = this.nodes.get(this.#locate(path, false));
    if (!node) throw failure("ENOENT", `"${path}"`);
    if (node.kind === "link") throw failure("ELOOP", `"${path}" is a link`);
    if (node.kind !== "directory") requireRegular({ kind: node.kind, size: 0 }, path);
    if (owner.uid !== undefined && owner.uid !== OWNER.uid) throw failure("EPERM", `"${path}"`);
    if (known && known.ino !== node.ino) throw failure("EPERM", "it is another one by now");
    node.mode = mode;
    node.ctime = Date.now();
  }

  flushDirectory(path: string): void {
    this.#requireDirectory(this.#locate(path, true));
  }

  /** Makes a link. */
  link(target: string, path: string): void {
    this.nodes.set(this.#free(path), { kind: "link", target });
  }

  /** Makes what is neither file nor directory. */
  makeSpecial(path: string): void {
    this.#put(this.#free(path), "other", 0o666);
  }

  /** Changes the permission bits. */
  setMode(path: string, mode: number): void {
    const node = this.nodes.get(this.#locate(path, true));
    if (!node || node.kind === "link") throw failure("ENOENT", `"${path}"`);
    node.mode = mode;
  }

  /** Removes an empty directory. */
  removeDirectory(path: string): void {
    if (this.readDirectory(path).length > 0) throw failure("ENOTEMPTY", `"${path}"`);
    this.nodes.delete(this.#locate(path, true));
  }

  /** Writes a file in place, as another program would. */
  write(path: string, data: string | Uint8Array): void {
    if (!this.stat(path)) return this.createFile(path, data, 0o644);
    const file = this.#file(path);
    file.bytes = toBytes(data);
    file.mtime = file.ctime = Date.now();
  }

  #put(
    path: string,
    kind: "file" | "directory" | "other",
    mode: number,
    data: string | Uint8Array = "",
  ): void {
    const time = Date.now();
    this.nodes.set(path, {
      kind,
      mode,
      ino: ++this.#lastIno,
      bytes: toBytes(data),
      mtime: time,
      ctime: time,
    });
  }

  #file(path: string): Exclude<MemoryNode, { kind: "link" }> {
    const node = this.nodes.get(this.#locate(path, true));
    if (!node || node.kind === "link") throw failure("ENOENT", `"${path}"`);
    requireRegular({ kind: node.kind, size: node.bytes.length }, path);
    return node;
  }

  #requireDirectory(path: string): void {
    const node = this.nodes.get(path);
    if (!node) throw failure("ENOENT", `"${path}"`);
    if (node.kind !== "directory") throw failure("ENOTDIR", `"${path}"`);
  }

  #free(path: string): string {
    const place = this.#locate(path, false);
    if (this.nodes.has(place)) throw failure("EEXIST", `"${path}"`);
    return place;
  }

  /**
   * The path without links, whose last part need not be there; with `follow`, that part is followed,
   * too.
   */
  #locate(path: string, follow: boolean): string {
    const rest = path.split("/").reverse();
    let here = "/";
    for (let links = 0; rest.length > 0;) {
      const part = rest.pop() ?? "";
      if (part === "" || part === ".") continue;
      this.#requireDirectory(here);
      if (part === "..") {
        here = here.slice(0, here.lastIndexOf("/")) || "/";
        continue;
      }
      const next = here === "/" ? `/${part}` : `${here}/${part}`;
      const node = this.nodes.get(next);
      const isLast = rest.every((other) => other === "");
      if (node?.kind !== "link" || isLast && !follow) {
        here = next;
        continue;
      }
      if (++links > MAX_LINKS) throw failure("ELOOP", `"${path}"`);
      rest.push(...node.target.split("/").reverse());
      if (node.target.startsWith("/")) here = "/";
    }
    return here;
  }
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
}
