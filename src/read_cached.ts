import type { JsonValue } from "@std/json";
import type { FileInfo, Runtime } from "./runtime.ts";
import type { ClientInformation } from "./client_information.ts";
import type { ClientMetadata, Metadata, Registry, ReplacedClient, Snapshot } from "./registry.ts";

/** The version of `registered.metadata.json` that this library reads and writes. */
export const VERSION = 1;

/** A file younger than this when it was read may change once more without its stamp changing. */
const GUARD = 2000;

/** How often a pair of files that keeps changing is read again before the last pair counts. */
const MAX_READS = 10;

interface Cached extends Snapshot {
  readonly text: string;
  readonly stamp: FileInfo | undefined;
  /**
   * Wall clock less monotonic clock: it moves when the wall clock is set. `NaN` after the first read:
   * the monotonic clock alone costs a command that looks up once a tenth of its start.
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
  readonly #warn: (message: string) => void;
  #cached: Cached | undefined;
  #warned = false;

  constructor(runtime: Runtime, path: string, warn: (message: string) => void) {
    this.#runtime = runtime;
    this.#path = path;
    this.#warn = warn;
  }

  /** The client under exactly this issuer, with its metadata. The caller must not change it. */
  find(issuer: string): ClientInformation | undefined {
    const snapshot = this.#read();
    const known = snapshot.found.get(issuer);
    if (known !== undefined) return known;
    const client = clientOf(snapshot, issuer);
    if (client) snapshot.found.set(issuer, client);
    return client;
  }

  /** Every client in the file. */
  clients(): Map<string, ClientInformation> {
    const snapshot = this.#read();
    const clients = new Map<string, ClientInformation>();
    for (const issuer of Object.keys(snapshot.registry)) {
      const client = clientOf(snapshot, issuer);
      if (client) clients.set(issuer, client);
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
      const isSettled = stamp && Date.now() - Math.max(stamp.mtime, stamp.ctime) > GUARD;
      const known = this.#cached?.text === text ? this.#cached.registry : undefined;
      const registry = known ?? parseRegistry(text) ?? {};
      return {
        text,
        registry,
        metadata,
        stamp: isSettled ? stamp : undefined,
        drift,
        found: new Map(),
      };
    }
  }

  #readMetadata(): Metadata | undefined {
    const { fs } = this.#runtime;
    const path = metadataPath(realFile(this.#runtime, this.#path));
    let metadata: ReturnType<typeof parseMetadata>;
    try {
      metadata = fs.stat(path) && parseMetadata(readText(fs, path));
    } catch {
      return undefined; // the client itself is still known
    }
    if (metadata === "unknown" && !this.#warned) {
      this.#warned = true;
      this.#warn(unknownVersion(path));
    }
    return metadata === "unknown" ? undefined : metadata;
  }
}

/** Reads the text of `registered.json`; `undefined` when it is not one JSON object. */
export function parseRegistry(text: string): Registry | undefined {
  try {
    const value: JsonValue = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}

/** Tells whether a JSON value is an object. */
export function isObject(value: unknown): value is { [member: string]: JsonValue | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The two members that an entry holds, where `value` is an entry. */
export function entryOf(value: unknown): ClientInformation | undefined {
  if (!isObject(value)) return undefined;
  const { client_id, client_secret } = value;
  if (typeof client_id !== "string" || client_id === "") return undefined;
  if (typeof client_secret === "string") return { client_id, client_secret };
  return client_secret === undefined || client_secret === null ? { client_id } : undefined;
}

/** Reads the text of the file: `"unknown"` for another version, `undefined` when it is damaged. */
export function parseMetadata(text: string): Metadata | "unknown" | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
  if (!isObject(value)) return undefined;
  const { version, clients = {}, replaced = [], ...rest } = value;
  if (version !== VERSION) return version === undefined ? undefined : "unknown";
  if (!isObject(clients) || !Array.isArray(replaced) || !replaced.every(isReplaced)) {
    return undefined;
  }
  return { clients, replaced: replaced as unknown as ReplacedClient[], rest };
}

/** What is known of `client`, which `registered.json` holds for `issuer`. */
export function metadataOf(
  metadata: Metadata,
  issuer: string,
  client: ClientInformation,
): ClientMetadata | undefined {
  const current = Object.hasOwn(metadata.clients, issuer) ? metadata.clients[issuer] : undefined;
  if (isAbout(current, client)) return current;
  const replaced = metadata.replaced.findLast((entry) =>
    entry.issuer === issuer && isAbout(entry.client as ClientMetadata, client)
  );
  return replaced?.client as ClientMetadata | undefined;
}

/** The client under `issuer` in this snapshot, with its metadata. */
export function clientOf(
  { registry, metadata }: Snapshot,
  issuer: string,
): ClientInformation | undefined {
  if (!Object.hasOwn(registry, issuer)) return undefined;
  const entry = entryOf(registry[issuer]);
  const known = entry && metadata && metadataOf(metadata, issuer, entry);
  return known ? { ...known, ...entry } as ClientInformation : entry;
}

/** The spelling of the same issuer that differs by one trailing slash. */
export function otherSpelling(issuer: string): string {
  return issuer.endsWith("/") ? issuer.slice(0, -1) : `${issuer}/`;
}

function isAbout(known: unknown, client: ClientInformation): known is ClientMetadata {
  if (!isObject(known) || known.client_id !== client.client_id) return false;
  return !Object.hasOwn(known, "client_secret") ||
    (known.client_secret ?? undefined) === client.client_secret;
}

function isReplaced(value: JsonValue): boolean {
  return isObject(value) && typeof value.issuer === "string" && isObject(value.client) &&
    typeof value.client.client_id === "string";
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
export function realFile({ fs, join }: Runtime, path: string): string {
  for (let hops = 0; hops < 40; hops++) {
    const target = fs.readLink(path);
    if (target === undefined) return path;
    path = /^([\\/]|[A-Za-z]:[\\/])/.test(target) ? target : join(path, "..", target);
  }
  return path; // a circle: whoever opens it is told so
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
