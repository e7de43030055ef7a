import type { FileSystem, Owner } from "../runtime/runtime.ts";
import { commonSpelling } from "../core/issuer.ts";
import { type Metadata, NO_METADATA, parseMetadata } from "./metadata.ts";
import { sleep } from "../core/sleep.ts";
import { metadataPath, unknownVersion } from "./paths.ts";
import { type ParsedRegistry, parseMembers } from "./registry_text.ts";
import type { Guarded } from "./fence.ts";
import type { Lock } from "./lock.ts";
import { codeOf, createOrClean } from "./private_file.ts";
import { rehearse } from "./rehearse.ts";
import { replaceFile } from "./replace_file.ts";
import { restoredMembers } from "./restored_members.ts";
import { salvage } from "./salvage.ts";
import { isSound, salvageMetadata } from "./salvage_metadata.ts";
import { decodeAny, decodeUtf8 } from "./text_encoding.ts";

/** The file has changed under the lock, by a program that does not take it: start over. */
export class ChangedMeanwhile extends Error {}

/** Who writes in place empties the file first: what it was is there again by then, in milliseconds. */
const WRITTEN_WITHIN = 50;

/** A file that is not what it should be: its very bytes, and what to say when it is replaced. */
interface Damaged {
  readonly bytes: Uint8Array;
  readonly warning: string;
}

/** What a file says, and what it is where it is not what it should be: that may still be whole. */
interface Read<T> {
  readonly value: T | undefined;
  readonly damaged?: { readonly bytes: Uint8Array; readonly text: string };
}

/** `registered.json` and `registered.metadata.json`, as the holder of the lock reads and replaces them. */
export class FilePair {
  readonly #fs: FileSystem;
  readonly #place: Guarded;
  readonly #metadataFile: string;
  readonly #damaged: Map<string, Damaged> = new Map();
  /** Whether anything was written. */
  hasChanged = false;
  /** What `registered.json` holds; where it is damaged, what is still whole of it. */
  readonly registry: ParsedRegistry;
  /** What `registered.metadata.json` holds; `undefined` where its version is not known to us. */
  readonly metadata: Metadata | undefined;
  /** What the user has to hear of, once the change is made. */
  readonly warnings: string[] = [];

  /**
   * Reads the files, the metadata only where they may be there; `known` is parsed already, and counts
   * if the file still has its text.
   */
  constructor(
    fs: FileSystem,
    place: Guarded,
    mayHaveMetadata: boolean,
    known: ParsedRegistry,
  ) {
    this.#fs = fs;
    this.#place = place;
    this.#metadataFile = metadataPath(place.file);
    const registry = this.#readRegistry(known);
    this.metadata = mayHaveMetadata ? this.#readMetadata(registry) : NO_METADATA;
    this.registry = this.isDamaged ? this.#restored(registry) : registry;
  }

  /** Whether `registered.json` is no JSON object. */
  get isDamaged(): boolean {
    return this.#damaged.has(this.#place.file);
  }

  /** Whether `registered.metadata.json` is not what we write there. */
  get isMetadataDamaged(): boolean {
    return this.#damaged.has(this.#metadataFile);
  }

  /** Gives `registered.json` another text. */
  replaceRegistry(text: string, lock: Lock): Promise<void> {
    return this.#replace(this.#place.file, text, lock);
  }

  /** Gives `registered.metadata.json` another text. */
  replaceMetadata(text: string, lock: Lock): Promise<void> {
    return this.#replace(this.#metadataFile, text, lock);
  }

  /** Does all that a change will do, and changes nothing. */
  async rehearse(lock: Lock): Promise<void> {
    const { file, directory } = this.#place;
    const files = this.metadata ? [file, this.#metadataFile] : [file];
    await rehearse(this.#fs, { files, directory }, lock);
  }

  /** Waits until what was changed is on disk; needs no lock. */
  flush(): void {
    if (this.hasChanged) this.#fs.flushDirectory(this.#place.directory);
  }

  #readRegistry(known: ParsedRegistry): ParsedRegistry {
    const { file } = this.#place;
    const read = this.#read(file, (text) => {
      if (text === known.text) return known;
      const members = parseMembers(text, known);
      return members && { text, members };
    });
    if (!read) return { text: undefined, members: [] };
    const { value, damaged } = read;
    if (!damaged) return value ?? { text: undefined, members: [] };
    const intact = value?.members ?? salvage(damaged.text);
    const warning =
      `Rebuilt "${file}" from its ${intact.length} intact entries: it was no JSON object`;
    this.#damaged.set(file, { bytes: damaged.bytes, warning });
    return { text: undefined, members: intact };
  }

  /** What is lost in a damaged `registered.json`, its metadata may still tell. */
  #restored({ text, members }: ParsedRegistry): ParsedRegistry {
    const { file } = this.#place;
    const restored = restoredMembers(members, this.metadata ?? NO_METADATA);
    const damaged = this.#damaged.get(file);
    if (damaged && restored.length > members.length) {
      const count = restored.length - members.length;
      const warning = `${damaged.warning}; restored ${count} that its metadata tell of`;
      this.#damaged.set(file, { ...damaged, warning });
    }
    return { text, members: restored };
  }

  #readMetadata({ members }: ParsedRegistry): Metadata | undefined {
    const file = this.#metadataFile;
    const isNamed = (issuer: string) => members.some(({ key }) => commonSpelling(key) === issuer);
    const read = this.#read(file, (text) => {
      const found = parseMetadata(text);
      return !found || found === "unknown" || isSound(found, isNamed) ? found : undefined;
    });
    if (!read) return NO_METADATA;
    if (read.value === "unknown") {
      this.warnings.push(unknownVersion(file));
      return undefined;
    }
    const { value, damaged } = read;
    if (!damaged) return value ?? NO_METADATA;
    const warning = `Rebuilt "${file}" from what was intact of it: it was damaged`;
    this.#damaged.set(file, { bytes: damaged.bytes, warning });
    return value ?? salvageMetadata(damaged.text, isNamed);
  }

  /** Reads a file; `undefined` when it is not there, no value when `parse` finds none in its bytes. */
  #read<T>(path: string, parse: (text: string) => T | undefined): Read<T> | undefined {
    try {
      const text = this.#fs.readTextFile(path);
      const value = text.includes("\uFFFD") ? undefined : parse(text);
      if (value !== undefined) return { value };
      // That may have been a moment of another program's write: from here on these bytes decide.
      const bytes = this.#fs.readFile(path);
      const whole = decodeUtf8(bytes);
      const found = whole === undefined ? undefined : parse(whole);
      if (found !== undefined) return { value: found };
      const decoded = decodeAny(bytes);
      const isWhole = !decoded.includes("\uFFFD");
      return { value: isWhole ? parse(decoded) : undefined, damaged: { bytes, text: decoded } };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async #replace(path: string, text: string, lock: Lock): Promise<void> {
    const damaged = this.#damaged.get(path);
    const check = () => {
      if (damaged && !this.#isStill(path, damaged.bytes)) throw new ChangedMeanwhile();
    };
    if (damaged?.bytes.length === 0) {
      await sleep(WRITTEN_WITHIN);
      await lock.insist(check);
    }
    const owner = await lock.insist(() =>
      this.#fs.stat(path) ?? this.#fs.stat(this.#place.directory)
    );
    if (damaged) this.#keepAside(path, damaged.bytes, owner);
    await replaceFile(this.#fs, path, text, lock, owner, check);
    this.hasChanged = true;
    if (damaged) this.warnings.push(damaged.warning);
  }

  #isStill(path: string, bytes: Uint8Array): boolean {
    try {
      return isSame(this.#fs.readFile(path), bytes);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  }

  #keepAside(path: string, bytes: Uint8Array, owner: Owner | undefined): void {
    const time = new Date().toISOString().replace(/[-:]/g, "");
    for (let n = 0;; n++) {
      const copy = `${path}.corrupt-${time}${n === 0 ? "" : `-${n}`}`;
      try {
        createOrClean(this.#fs, copy, bytes, owner);
      } catch (error) {
        if (codeOf(error) === "EEXIST") continue;
        throw error;
      }
      this.hasChanged = true;
      this.flush();
      this.warnings.push(`Kept the damaged "${path}" as "${copy}"`);
      return;
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}
