import { jsonText } from "../core/depth.ts";
import type { ClientInformation } from "../core/client_information.ts";
import { currentOf } from "../core/find_registration.ts";
import { otherSpelling } from "../core/issuer.ts";
import { type JsonObject, memberOf, withMembers } from "../core/json.ts";
import { type Registrations, settled } from "../core/registrations.ts";
import type { FilePair } from "./file_pair.ts";
import { type Entry, hasNoneNamed, issuerRecord, registrationsOf } from "./issuer_record.ts";
import type { Lock } from "./lock.ts";
import { formatMetadata, type Metadata, NO_METADATA } from "./metadata.ts";
import { entryOf } from "./registry.ts";
import { formatRegistry, type Member, type ParsedRegistry, withEntries } from "./registry_text.ts";

/** What a change sees and edits; nothing is on disk before {@linkcode Transaction.commit}. */
export interface Draft {
  /** What is known of an issuer, given in the spelling that stands for both. */
  get(issuer: string): Registrations;
  /** Puts this in the place of what was known. */
  set(issuer: string, value: Registrations): void;
  /** What is known of every issuer. */
  all(): Registrations[];
  /**
   * Does all that a change will do, so that it fails now if it must. Rebuilds a damaged
   * `registered.json`, which is otherwise left as it is where nothing changes.
   */
  rehearse(): void;
}

/** One change of `registered.json` and its metadata, from what was read under the lock. */
export class Transaction implements Draft {
  readonly #files: FilePair;
  readonly #metadata: Metadata;
  /** Each issuer that was asked for: as the files say it, and as it is to be. */
  readonly #values: Map<string, { before: Registrations; now: Registrations; isSet: boolean }> =
    new Map();
  /** What stands in `registered.json` under each key, where more than one is asked for. */
  #sources: ReadonlyMap<string, string> | undefined;
  #isRehearsal = false;

  /** `files` are as the holder of the lock has just read them. */
  constructor(files: FilePair) {
    this.#files = files;
    this.#metadata = files.metadata ?? NO_METADATA;
  }

  get(issuer: string): Registrations {
    return this.#valueOf(issuer).now;
  }

  set(issuer: string, value: Registrations): void {
    const { before, now, isSet } = this.#valueOf(issuer);
    this.#values.set(issuer, { before, now: value, isSet: isSet || value !== now });
  }

  all(): Registrations[] {
    this.#sources ??= this.#listSources();
    return Object.keys(this.#metadata.issuers).map((issuer) => this.#read(issuer));
  }

  rehearse(): void {
    this.#isRehearsal = true;
  }

  /**
   * Makes the change, the metadata first: the rename of `registered.json` commits both, and shows
   * readers that something has changed. It is on disk for good after {@linkcode FilePair.flush}.
   *
   * @returns What `registered.json` says now.
   */
  async commit(lock: Lock): Promise<ParsedRegistry> {
    const { registry, isDamaged, isMetadataDamaged } = this.#files;
    const metadata = this.#newMetadata();
    const members = this.#newMembers();
    const isChanged = metadata !== this.#metadata || members !== registry.members;
    if (this.#isRehearsal) await this.#files.rehearse(lock);
    const isToMend = this.#isRehearsal && (isDamaged || isMetadataDamaged);
    if (!isChanged && !isToMend) return registry;
    if (metadata !== this.#metadata || isMetadataDamaged) {
      await this.#files.replaceMetadata(formatMetadata(metadata), lock);
      // A power cut could keep the second rename and lose the first.
      this.#files.flush();
    }
    const text = formatRegistry(members);
    await this.#files.replaceRegistry(text, lock);
    if (this.#isTransition() && this.#files.metadata) await this.#endTransition(lock);
    return { text, members };
  }

  #isTransition(): boolean {
    return Array.from(this.#values.values()).some(({ before, now, isSet }) =>
      isSet && hasNoneNamed(before) && !hasNoneNamed(now)
    );
  }

  /** Takes out of the metadata what only counted until the rename that has committed the change. */
  async #endTransition(lock: Lock): Promise<void> {
    try {
      this.#files.flush(); // a power cut could keep this rename and lose the one before
      await this.#files.replaceMetadata(formatMetadata(this.#newMetadata(true)), lock);
    } catch {
      // the change is made; the next one of this issuer takes it out
    }
  }

  #valueOf(issuer: string): { before: Registrations; now: Registrations; isSet: boolean } {
    const known = this.#values.get(issuer);
    if (known) return known;
    if (this.#values.size > 0) this.#sources ??= this.#listSources();
    const before = this.#read(issuer);
    const value = { before, now: settled(before), isSet: false };
    this.#values.set(issuer, value);
    return value;
  }

  /** What the files say of an issuer. */
  #read(issuer: string): Registrations {
    const entries = [issuer, otherSpelling(issuer)].flatMap((spelling): Entry[] => {
      const source = this.#sourceOf(spelling);
      const client = source && entryOf(Object.values(JSON.parse(`{${source}}`))[0]);
      return client ? [{ issuer: spelling, client }] : [];
    });
    return registrationsOf(memberOf(this.#metadata.issuers, issuer), entries);
  }

  /** What stands under a key: of duplicates, the last one counts. */
  #sourceOf(key: string): string | undefined {
    if (this.#sources) return this.#sources.get(key);
    return this.#files.registry.members.findLast((member) => member.key === key)?.source;
  }

  #listSources(): ReadonlyMap<string, string> {
    return new Map(this.#files.registry.members.map(({ key, source }) => [key, source]));
  }

  #newMetadata(isCommitted = false): Metadata {
    if (!this.#files.metadata) return this.#metadata; // of a version that we do not know
    const { issuers } = this.#metadata;
    const changed = new Map<string, JsonObject | undefined>();
    for (const [issuer, { before, now, isSet }] of this.#values) {
      if (!isSet) continue;
      const standing = memberOf(issuers, issuer);
      const record = issuerRecord(now, before, standing, isCommitted);
      if (jsonText(record) !== jsonText(standing)) changed.set(issuer, record);
    }
    if (changed.size === 0) return this.#metadata;
    return { ...this.#metadata, issuers: withMembers(issuers, changed) };
  }

  #newMembers(): readonly Member[] {
    const { members } = this.#files.registry;
    const changed = new Map<string, ClientInformation | undefined>();
    for (const [issuer, { before, now, isSet }] of this.#values) {
      if (!isSet) continue;
      for (const spelling of [issuer, otherSpelling(issuer)]) {
        const [was, is] = [before, now].map((value) => currentOf(value, spelling)?.client);
        if (is && (is.client_id !== was?.client_id || is.client_secret !== was.client_secret)) {
          changed.set(spelling, is);
        } else if (!is && was) changed.set(spelling, undefined);
      }
    }
    return changed.size === 0 ? members : withEntries(members, changed);
  }
}
