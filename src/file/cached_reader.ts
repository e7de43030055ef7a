import type { ClientInformation } from "../core/client_information.ts";
import type { ListedClient } from "../core/client_store.ts";
import { copyOf } from "../core/copy.ts";
import { find, standingOf, type Usable } from "../core/find_registration.ts";
import { type Fit, fits } from "../core/fit.ts";
import { commonSpelling, otherSpelling } from "../core/issuer.ts";
import { memberOf } from "../core/json.ts";
import { listedOf } from "../core/list_clients.ts";
import type { Registration, Registrations } from "../core/registrations.ts";
import type { FileInfo, Runtime } from "../runtime/runtime.ts";
import { suspicion, untold } from "./exposure.ts";
import { type Entry, registrationsOf } from "./issuer_record.ts";
import { type Metadata, parseMetadata } from "./metadata.ts";
import { directoryOf, metadataPath, readText, realFile, unknownVersion } from "./paths.ts";
import { entryOf, parseRegistry, type Registry } from "./registry.ts";

/** A file younger than this when it was read may change once more without its stamp changing. */
const GUARD = 2000;

/** How often a pair of files that keeps changing is read again before the last pair counts. */
const MAX_READS = 10;

interface Cached {
  readonly registry: Registry;
  readonly metadata: Metadata | undefined;
  readonly text: string;
  readonly stamp: FileInfo | undefined;
  /**
   * Wall clock less monotonic clock: it moves when the wall clock is set. `NaN` after the first read:
   * the first touch of the monotonic clock costs Node most of a millisecond.
   */
  readonly drift: number;
  /** What has been asked for, by the spelling of the issuer that stands for both. */
  readonly found: Map<string, Registrations>;
  /** What comes first for each issuer that was looked up. */
  readonly standing: Map<string, readonly Registration[]>;
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
  readonly #isUsable: Usable;
  readonly #warn: (message: string) => void;
  #cached: Cached | undefined;
  /** What the file was when we last looked, and when that was by our clock. */
  #seen: FileInfo | undefined;
  #seenAt = 0;
  /** How far our clock was seen to run ahead of the file system's, as a mount's may, in milliseconds. */
  #ahead = 0;
  #warned = false;
  /** Whether the user has heard of who else may have written the file. */
  #isInspected = false;

  /** Reads `path`; `isUsable` passes on the clients that have not expired. */
  constructor(
    runtime: Runtime,
    path: string,
    isUsable: Usable,
    warn: (message: string) => void,
  ) {
    this.#runtime = runtime;
    this.#path = path;
    this.#isUsable = isUsable;
    this.#warn = warn;
  }

  /** A copy of the client to hand out under this issuer. Never throws. */
  lookup(issuer: string, fit?: Fit): ClientInformation | undefined {
    try {
      const snapshot = this.#read();
      // Nearly every lookup ends here, so what comes first is found once for each text.
      const { standing } = snapshot;
      let first = standing.get(issuer);
      if (!first) {
        first = standingOf(this.#valueIn(snapshot, commonSpelling(issuer)), issuer);
        if (first.length > 0) standing.set(issuer, first); // anybody can make up issuers
      }
      for (const known of first) {
        if (this.#isUsable(known.client) && (!fit || fits(known, fit))) return copyOf(known.client);
      }
      if (!fit) return undefined;
      const value = this.#valueIn(snapshot, commonSpelling(issuer));
      const found = find(value, issuer, fit, this.#isUsable);
      return found && copyOf(found.client);
    } catch {
      return undefined;
    }
  }

  /** What is known of an issuer, given in the spelling that stands for both. */
  read(issuer: string): Registrations {
    return this.#valueIn(this.#read(), issuer);
  }

  /** Copies of every client in the file. */
  list(): Map<string, ListedClient> {
    const snapshot = this.#read();
    const clients = new Map<string, ListedClient>();
    // Some are kept where none is current any more.
    const known = Object.keys(snapshot.metadata?.issuers ?? {})
      .flatMap((issuer) => this.#valueIn(snapshot, issuer).all);
    const issuers = [...Object.keys(snapshot.registry), ...known.map(({ issuer }) => issuer)];
    for (const issuer of new Set(issuers)) {
      const value = this.#valueIn(snapshot, commonSpelling(issuer));
      const listed = listedOf(value, issuer, this.#isUsable);
      if (listed) clients.set(issuer, listed);
    }
    return clients;
  }

  #valueIn({ registry, metadata, found }: Cached, issuer: string): Registrations {
    const known = found.get(issuer);
    if (known) return known;
    const entries = [issuer, otherSpelling(issuer)].flatMap((spelling): Entry[] => {
      const client = entryOf(memberOf(registry, spelling));
      return client ? [{ issuer: spelling, client }] : [];
    });
    const value = registrationsOf(metadata && memberOf(metadata.issuers, issuer), entries);
    if (value.all.length > 0) found.set(issuer, value);
    return value;
  }

  #read(): Cached {
    const stamp = this.#runtime.fs.stat(this.#path);
    const now = Date.now();
    if (this.#seen && stamp && !isSame(this.#seen, stamp)) {
      // It has changed since we looked: if it says that this was before, it goes by a slower clock.
      this.#ahead = Math.max(this.#ahead, this.#seenAt - changedAt(stamp) || 0);
    }
    this.#seen = stamp;
    this.#seenAt = now;
    const cached = this.#cached;
    const drift = cached ? now - performance.now() : NaN;
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
      if (stamp) this.#inspect();
      const isSettled = stamp && Date.now() - changedAt(stamp) > GUARD + this.#ahead;
      const known = this.#cached?.text === text ? this.#cached.registry : undefined;
      const registry = known ?? parseRegistry(text) ?? {};
      return {
        text,
        registry,
        metadata,
        stamp: isSettled ? stamp : undefined,
        drift,
        found: new Map(),
        standing: new Map(),
      };
    }
  }

  #inspect(): void {
    if (this.#isInspected) return;
    this.#isInspected = true;
    const { fs, userId } = this.#runtime;
    const file = realFile(this.#runtime, this.#path);
    const directory = directoryOf(this.#runtime, file);
    const warnings = suspicion(fs, { file, directory }, userId?.());
    untold(fs, warnings).forEach(this.#warn);
  }

  /** Throws what cannot be read now: a client of which that holds what is known may have expired. */
  #readMetadata(): Metadata | undefined {
    const { fs } = this.#runtime;
    const path = metadataPath(realFile(this.#runtime, this.#path));
    let metadata: ReturnType<typeof parseMetadata>;
    try {
      metadata = fs.stat(path) && parseMetadata(readText(fs, path));
    } catch (error) {
      // What is no UTF-8 is lost; the client itself is still known.
      if ((error as { code?: unknown }).code === "EILSEQ") return undefined;
      throw error;
    }
    if (metadata === "unknown" && !this.#warned) {
      this.#warned = true;
      this.#warn(unknownVersion(path));
    }
    return metadata === "unknown" ? undefined : metadata;
  }
}

function changedAt({ mtime, ctime }: FileInfo): number {
  return Math.max(mtime, ctime);
}

function isSame(a: FileInfo | undefined, b: FileInfo | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.mtime === b.mtime &&
    a.ctime === b.ctime && a.size === b.size && a.ino === b.ino);
}
