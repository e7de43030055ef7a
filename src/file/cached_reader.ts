import type { FileInfo, Runtime } from "../runtime/runtime.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type { ListedClient } from "../core/client_store.ts";
import {
  clientOf,
  type Metadata,
  parseMetadata,
  parseRegistry,
  type Snapshot,
} from "./registry.ts";
import { otherSpelling } from "../core/issuer.ts";

/** A file younger than this when it was read may change once more without its stamp changing. */
const GUARD = 2000;

/** How often a pair of files that keeps changing is read again before the last pair counts. */
const MAX_READS = 10;

interface Cached extends Snapshot {
  readonly text: string;
  readonly stamp: FileInfo | undefined;
  /**
   * Wall clock less monotonic clock: it moves when the wall clock is set. `NaN` after the first read:
   * the first touch of the monotonic clock costs Node most of a millisecond.
   */
  readonly drift: number;
  readonly found: Map<string, ClientInformation>;
}

/**
 * Reads `registered.json` for those who only look: no lock, and one `stat` while it is unchanged.
 *
 * The metadata file needs no stamp of its own: every change of it that concerns a client in
 * `registered.json` is followed by the rename that commits both.
 */
export class CachedReader {
  readonly #runtime: Runtime;
  readonly #path: string;
  readonly #usable: (client: ClientInformation | undefined) => ClientInformation | undefined;
  readonly #warn: (message: string) => void;
  #cached: Cached | undefined;
  #warned = false;

  /** Reads `path`; `usable` passes on the clients that have not expired. */
  constructor(
    runtime: Runtime,
    path: string,
    usable: (client: ClientInformation | undefined) => ClientInformation | undefined,
    warn: (message: string) => void,
  ) {
    this.#runtime = runtime;
    this.#path = path;
    this.#usable = usable;
    this.#warn = warn;
  }

  /** A copy of the unexpired client under this issuer, else under its other spelling. Never throws. */
  lookup(issuer: string): ClientInformation | undefined {
    try {
      const client = this.find(issuer) ?? this.find(otherSpelling(issuer));
      return client && copy(client);
    } catch {
      return undefined;
    }
  }

  /** The unexpired client under exactly this issuer. The caller must not change it. */
  find(issuer: string): ClientInformation | undefined {
    const snapshot = this.#read();
    const known = snapshot.found.get(issuer);
    if (known !== undefined) return this.#usable(known);
    const client = clientOf(snapshot, issuer);
    if (client) snapshot.found.set(issuer, client);
    return this.#usable(client);
  }

  /** Copies of every client in the file. */
  list(): Map<string, ListedClient> {
    const snapshot = this.#read();
    const clients = new Map<string, ListedClient>();
    for (const issuer of Object.keys(snapshot.registry)) {
      const client = clientOf(snapshot, issuer);
      if (!client) continue;
      const isUsable = this.#usable(client) !== undefined;
      clients.set(issuer, { ...copy(client), ...(isUsable ? {} : { expired: true }) });
    }
    return clients;
  }

  #read(): Cached {
    const stamp = this.#runtime.fs.stat(this.#path);
    const cached = this.#cached;
    const drift = cached ? Date.now() - performance.now() : NaN;
    // A clock that was set by a second or more can bring an old stamp back.
    if (cached?.stamp && isSame(cached.stamp, stamp) && Math.abs(cached.drift - drift) < 1000) {
      return cached;
    }
    const fresh = this.#readFresh(stamp, drift);
    this.#cached = fresh;
    return fresh;
  }

  #readFresh(before: FileInfo | undefined, drift: number): Cached {
    const { fs } = this.#runtime;
    let stamp = before;
    for (let reads = 1;; reads++) {
      const text = stamp ? readText(fs, this.#path) : "{}";
      const metadata = stamp && this.#readMetadata();
      const after = metadata ? fs.stat(this.#path) : stamp;
      // Both files must be of one moment: the client of one and the metadata of the next do not fit.
      if (!isSame(stamp, after) && reads < MAX_READS) {
        stamp = after;
        continue;
      }
      // What could not be read this time may be read the next time.
      const isSettled = stamp && metadata !== "unreadable" &&
        Date.now() - Math.max(stamp.mtime, stamp.ctime) > GUARD;
      const known = this.#cached?.text === text ? this.#cached.registry : undefined;
      const registry = known ?? parseRegistry(text) ?? {};
      return {
        text,
        registry,
        metadata: metadata === "unreadable" ? undefined : metadata,
        stamp: isSettled ? stamp : undefined,
        drift,
        found: new Map(),
      };
    }
  }

  #readMetadata(): Metadata | "unreadable" | undefined {
    const { fs } = this.#runtime;
    const path = metadataPath(realFile(this.#runtime, this.#path));
    let metadata: ReturnType<typeof parseMetadata>;
    try {
      metadata = fs.stat(path) && parseMetadata(readText(fs, path));
    } catch (error) {
      // The client itself is still known. What is no UTF-8 will be none the next time, either.
      return (error as { code?: unknown }).code === "EILSEQ" ? undefined : "unreadable";
    }
    if (metadata === "unknown" && !this.#warned) {
      this.#warned = true;
      this.#warn(unknownVersion(path));
    }
    return metadata === "unknown" ? undefined : metadata;
  }
}

/** Reads a text file whose bytes must be UTF-8; code `EILSEQ` says they are not. */
export function readText(fs: Runtime["fs"], path: string): string {
  const text = fs.readTextFile(path);
  if (!text.includes("\uFFFD")) return text;
  const bytes = fs.readFile(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw Object.assign(new Error(`Malformed UTF-8 in "${path}"`), { code: "EILSEQ" });
  }
}

/** The file that `path` stands for: where it leads if it is a symbolic link, else itself. */
export function realFile(runtime: Runtime, path: string): string {
  return runtime.fs.readLink(path) === undefined ? path : realPath(runtime, path, 40);
}

/** A path without links, as the system finds it: `..` leads up from where a link has led. */
function realPath(runtime: Runtime, path: string, hops: number): string {
  const { fs, join } = runtime;
  const parts = join("a", "b").includes("/")
    ? /^(.*[^/])\/+([^/]+)\/*$/
    : /^(.*[^\\/:])[\\/]+([^\\/]+)[\\/]*$/;
  const [, above, name = path] = parts.exec(path) ?? [];
  const directory = above === undefined ? undefined : realPath(runtime, above, hops);
  const here = directory === undefined ? path : join(directory, name);
  if (name === "." || name === ".." || hops === 0) return here; // a circle: whoever opens it is told so
  let target: string | undefined;
  try {
    target = fs.readLink(here);
  } catch {
    // one that we may pass through, but not look at
  }
  if (target === undefined) return here;
  const isAbsolute = /^([\\/]|[A-Za-z]:[\\/])/.test(target);
  // Not joined: that would take `..` for the way back by which a link in the target was reached.
  const next = isAbsolute ? target : `${directory ?? join(path, "..")}/${target}`;
  return realPath(runtime, next, hops - 1);
}

/** The metadata file beside a registry file. */
export function metadataPath(registryFile: string): string {
  const name = registryFile.endsWith(".json")
    ? registryFile.slice(0, -".json".length)
    : registryFile;
  return `${name}.metadata.json`;
}

/** The warning that a metadata file is of a later library. */
export function unknownVersion(path: string): string {
  return `Ignored "${path}": its version is not known to this version of @oauth2/client-store, and it is left untouched`;
}

function isSame(a: FileInfo | undefined, b: FileInfo | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.mtime === b.mtime &&
    a.ctime === b.ctime && a.size === b.size && a.ino === b.ino);
}

/** What the reader keeps must not change under the hands of its callers. */
export function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const result = { ...value };
  for (const key in result) {
    if (typeof result[key] === "object") result[key] = copy(result[key]);
  }
  return result;
}
