import type { FileSystem } from "../runtime/runtime.ts";
import type { ClientInformation } from "../core/client_information.ts";
import {
  formatRegistry,
  type Member,
  type ParsedRegistry,
  parseMembers,
  withEntry,
  withoutEntry,
} from "./registry_text.ts";
import {
  formatMetadata,
  hasMetadata,
  isDeletable,
  isSameClient,
  NO_METADATA,
  withClient,
} from "./metadata.ts";
import { metadataPath, readText, unknownVersion } from "./cached_reader.ts";
import { entryOf, type Metadata, metadataOf, parseMetadata, withMetadata } from "./registry.ts";
import { otherSpelling } from "../core/issuer.ts";
import type { ReplacedClient } from "../core/client_store.ts";
import { salvage } from "./salvage.ts";
import { codeOf, createOrClean, replaceFile } from "./replace_file.ts";

/** What a change sees and edits; nothing is on disk before {@linkcode Transaction.commit}. */
export interface Draft {
  /** The client under exactly this issuer, with its metadata. */
  get(issuer: string): ClientInformation | undefined;
  /** Puts `client` in the place of the one under this issuer, if there is one. */
  set(issuer: string, client: ClientInformation): void;
  /** Removes what stands under this issuer. */
  delete(issuer: string): void;
  /** Clients that were replaced and can still be deleted at their server. */
  readonly orphans: ReplacedClient[];
  /** Rebuilds a damaged `registered.json`, which is otherwise left as it is where nothing changes. */
  repair(): void;
  /** Notes a client that is registered but not kept, so that it can be deleted at its server. */
  addReplaced(client: ReplacedClient): void;
  /** Forgets replaced clients. */
  forget(clients: readonly ReplacedClient[]): void;
}

/** Where a `registered.json` lies. */
export interface Place {
  /** The file itself, no link to it. */
  readonly file: string;
  readonly directory: string;
}

/** One reading and writing of `registered.json` and its metadata, under the lock. */
export class Transaction implements Draft {
  readonly #fs: FileSystem;
  readonly #file: string;
  readonly #directory: string;
  readonly #metadataFile: string;
  /** What to say of a damaged file when it is replaced, by its path. */
  readonly #damaged: Map<string, string> = new Map();
  readonly #read: ParsedRegistry;
  readonly #readMetadata: Metadata;
  readonly #hasUnknownMetadata: boolean = false;
  #hasChanged = false;
  #members: readonly Member[];
  #metadata: Metadata;
  /** What the user has to hear of, once the change is made. */
  readonly warnings: string[] = [];

  /** Reads the files; `known` is parsed already, and counts if the file still has its text. */
  constructor(fs: FileSystem, { file, directory }: Place, known: ParsedRegistry) {
    this.#fs = fs;
    this.#file = file;
    this.#directory = directory;
    this.#metadataFile = metadataPath(file);
    this.#read = this.#readRegistry(known);
    this.#members = this.#read.members;
    const metadata = this.#readMetadataFile();
    this.#hasUnknownMetadata = metadata === undefined;
    this.#readMetadata = this.#metadata = metadata ?? NO_METADATA;
  }

  get(issuer: string): ClientInformation | undefined {
    const source = this.#members.findLast(({ key }) => key === issuer)?.source;
    const entry = source && entryOf(Object.values(JSON.parse(`{${source}}`))[0]);
    if (!entry) return undefined;
    return withMetadata(entry, metadataOf(this.#metadata, issuer, entry));
  }

  set(issuer: string, client: ClientInformation): void {
    // Where nothing is known of any client, as of most, there is nothing to compare.
    if (this.#metadata !== NO_METADATA || hasMetadata(client)) {
      this.#metadata = withClient(this.#metadata, issuer, client, this.get(issuer));
    }
    this.#members = withEntry(this.#members, issuer, client);
  }

  delete(issuer: string): void {
    this.#metadata = withClient(this.#metadata, issuer, undefined, this.get(issuer));
    this.#members = withoutEntry(this.#members, issuer);
  }

  get orphans(): ReplacedClient[] {
    const orphans = this.#metadata.replaced.filter(({ issuer, client }) =>
      isDeletable(client) &&
      [issuer, otherSpelling(issuer)].every((spelling) =>
        this.get(spelling)?.client_id !== client.client_id
      )
    );
    return orphans
      .filter((entry, at) => orphans.findLastIndex((other) => isSameClient(other, entry)) === at)
      .map(({ issuer, client: { client_secret: _, ...client } }) => ({ issuer, client }));
  }

  repair(): void {
    if (this.#damaged.has(this.#file)) this.#members = [...this.#members];
  }

  addReplaced(client: ReplacedClient): void {
    this.#metadata = { ...this.#metadata, replaced: [...this.#metadata.replaced, client] };
  }

  forget(clients: readonly ReplacedClient[]): void {
    const replaced = this.#metadata.replaced.filter((entry) =>
      !clients.some((gone) => isSameClient(gone, entry))
    );
    this.#metadata = { ...this.#metadata, replaced };
  }

  /**
   * Makes the change, the metadata first: the rename of `registered.json` commits both. It is on disk
   * for good after {@linkcode Transaction.flush}.
   *
   * @returns What `registered.json` says now.
   */
  commit(beforeRename: () => void): ParsedRegistry {
    if (this.#hasNewMetadata()) {
      this.#replace(this.#metadataFile, formatMetadata(this.#metadata), beforeRename);
    }
    if (this.#members === this.#read.members) return this.#read;
    // A power cut could keep the second rename and lose the first.
    this.flush();
    const text = formatRegistry(this.#members);
    this.#replace(this.#file, text, beforeRename);
    return { text, members: this.#members };
  }

  /** Waits until what was changed is on disk; needs no lock. */
  flush(): void {
    if (this.#hasChanged) this.#fs.flushDirectory(this.#directory);
  }

  #readRegistry(known: ParsedRegistry): ParsedRegistry {
    let text: string | undefined;
    try {
      text = this.#readWhole(this.#file);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { text: undefined, members: [] };
      throw error;
    }
    if (text !== undefined && text === known.text) return known;
    const members = text === undefined ? undefined : parseMembers(text, known);
    if (members) return { text, members };
    const intact = salvage(this.#fs.readTextFile(this.#file));
    this.#damaged.set(
      this.#file,
      `Rebuilt "${this.#file}" from its ${intact.length} intact entries: it was no JSON object`,
    );
    return { text: undefined, members: intact };
  }

  #readMetadataFile(): Metadata | undefined {
    if (!this.#fs.stat(this.#metadataFile)) return NO_METADATA;
    const text = this.#readWhole(this.#metadataFile);
    const metadata = text === undefined ? undefined : parseMetadata(text);
    if (metadata === "unknown") {
      this.warnings.push(unknownVersion(this.#metadataFile));
      return undefined;
    }
    if (metadata) return metadata;
    this.#damaged.set(this.#metadataFile, `Started "${this.#metadataFile}" afresh: it was damaged`);
    return { ...NO_METADATA }; // unlike a missing one, it is to be written
  }

  /** Reads a text; `undefined` when it is no UTF-8. */
  #readWhole(path: string): string | undefined {
    try {
      return readText(this.#fs, path);
    } catch (error) {
      if (codeOf(error) === "EILSEQ") return undefined;
      throw error;
    }
  }

  #hasNewMetadata(): boolean {
    if (this.#metadata === this.#readMetadata || this.#hasUnknownMetadata) return false;
    if (this.#damaged.has(this.#metadataFile)) return true;
    return formatMetadata(this.#metadata) !== formatMetadata(this.#readMetadata);
  }

  #replace(path: string, text: string, beforeRename: () => void): void {
    const warning = this.#damaged.get(path);
    if (warning !== undefined) this.#keepAside(path);
    replaceFile(this.#fs, path, text, beforeRename);
    this.#hasChanged = true;
    if (warning !== undefined) this.warnings.push(warning);
  }

  #keepAside(path: string): void {
    const bytes = this.#fs.readFile(path);
    const time = new Date().toISOString().replace(/[-:]/g, "");
    for (let n = 0;; n++) {
      const copy = `${path}.corrupt-${time}${n === 0 ? "" : `-${n}`}`;
      try {
        createOrClean(this.#fs, copy, bytes);
      } catch (error) {
        if (codeOf(error) === "EEXIST") continue;
        throw error;
      }
      this.#hasChanged = true;
      this.flush();
      this.warnings.push(`Kept the damaged "${path}" as "${copy}"`);
      return;
    }
  }
}
