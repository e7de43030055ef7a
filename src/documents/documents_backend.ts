import type { Backend, Changed, HowToChange, HowToWait } from "../core/backend.ts";
import { isObject } from "../core/json.ts";
import { checkNotWithin } from "../core/nesting.ts";
import { NO_REGISTRATIONS, note, type Registrations, settled } from "../core/registrations.ts";
import { keepTrying } from "../core/keep_trying.ts";
import { sleep } from "../core/sleep.ts";
import { unlessAborted } from "../core/unless_aborted.ts";
import { createAsyncLocal } from "../runtime/async_local.ts";
import { attempting } from "./attempting.ts";
import { formatDocument, parseDocument } from "./document_text.ts";
import type { DocumentKey, Documents, Sealing } from "./documents.ts";
import { isStorable } from "./is_storable.ts";
import { Lease } from "./lease.ts";
import { Recent } from "./recent.ts";
import { type UnsealedDocument, UnsealedDocuments } from "./unsealed_documents.ts";

/** How long a client that is being registered waits between two looks, in milliseconds. */
const LONGEST_PAUSE = 250;

/** How many turns one who lost waits at most: longer, and nobody is at it. */
const LONGEST_BACK_OFF = 32;

/** The note that somebody has asked a server for a client, and not yet stored what it answered. */
const PENDING = "pending";

/** What registrations in a database are kept with. */
export interface DocumentsBackendOptions {
  readonly documents: Documents;
  readonly sealing: Sealing;
  readonly tenant: string;
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** How old a copy of a document may be that a lookup is answered from, in milliseconds. */
  readonly maxAge: number;
}

/** Registrations in a database: a document for each issuer, changed by compare-and-set. */
export class DocumentsBackend implements Backend {
  readonly createAsyncLocal: NonNullable<Backend["createAsyncLocal"]> = createAsyncLocal;
  /** Who we are: for leases, and in the note of what is pending. */
  readonly place: string = crypto.randomUUID();
  readonly #options: DocumentsBackendOptions;
  /** The change of each issuer that others in this process wait for. */
  readonly #last: Map<string, Promise<unknown>> = new Map();
  readonly #unsealed: UnsealedDocuments;
  readonly #copies: Recent<{ value: Registrations; at: number }> = new Recent();

  constructor(options: DocumentsBackendOptions) {
    this.#options = options;
    this.#unsealed = new UnsealedDocuments(options.sealing);
  }

  async read(issuer: string, attempt: string): Promise<Registrations> {
    return await attempting(attempt, () => this.#valueOf(issuer));
  }

  /** What is known of an issuer, by a copy where that is young enough. */
  async readCopy(issuer: string): Promise<Registrations> {
    const copy = this.#copies.get(issuer);
    if (copy && performance.now() - copy.at < this.#options.maxAge) return copy.value;
    return await this.#valueOf(issuer);
  }

  async readAll(attempt: string): Promise<readonly Registrations[]> {
    const { documents, tenant } = this.#options;
    const values: Registrations[] = [];
    const pages = documents.pages(tenant)[Symbol.asyncIterator]();
    const next = () => attempting(attempt, () => pages.next());
    for (let found = await next(); !found.done;) {
      const unsealed = Promise.all(
        found.value.map((document) =>
          attempting(attempt, () => this.#unsealed.unseal(document, document))
        ),
      );
      // The database looks for the next page while this one is unsealed, which takes longer.
      const [page, following] = await Promise.all([unsealed, next()]);
      for (const { value } of page) values.push(value);
      found = following;
    }
    return values;
  }

  async change<T>(
    issuer: string,
    change: (value: Registrations) => Changed<T>,
    how: HowToChange & { readonly isOfKnown?: true },
  ): Promise<T> {
    const make = () =>
      this.#inTurn(issuer, () =>
        this.#change(issuer, (value) => {
          const { value: changed, result } = change(value);
          return { value: this.#withoutPending(changed), result };
        }, how));
    return how.isAnswer ? await keepTrying(make, isPassing) : await make();
  }

  async exclusively<T>(
    issuer: string,
    { signal, isDone, onWait, attempt }: HowToWait,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    const lease = new Lease(this.#options.documents, this.#keyOf(issuer), crypto.randomUUID());
    const take = () => unlessAborted(attempting(attempt, () => lease.take()), signal);
    for (let turn = 0; !await take(); turn++) {
      signal?.throwIfAborted();
      if (await isDone()) return undefined;
      this.#checkNotWithinHolder(issuer, attempt);
      if (turn === 0) onWait?.({}); // the lease names nobody whom a person would know
      await sleep(Math.min(2 ** turn * 10, LONGEST_PAUSE) * (0.5 + Math.random()), signal);
    }
    const stopRenewing = lease.keep(signal);
    try {
      return await work();
    } finally {
      stopRenewing();
      // Whatever became of it, nobody needs to look for a client that we would know of.
      await this.change(issuer, (value) => ({ value, result: undefined }), { attempt })
        .catch(() => {});
      await lease.release();
    }
  }

  /** Says in the document that a client is about to be registered. */
  async rehearse(issuer: string, how: HowToChange): Promise<Registrations> {
    const { now, warn } = this.#options;
    const since = new Date(now()).toISOString();
    const mark = (value: Registrations) => {
      const pending = value.notes[PENDING];
      const marked = note(value, { [PENDING]: { holder: this.place, since } });
      const left = isObject(pending) ? pending.since : undefined;
      return { value: marked, result: { left, known: marked } };
    };
    const { left, known } = await this.#inTurn(issuer, () => this.#change(issuer, mark, how));
    if (typeof left === "string") {
      warn(
        `${how.attempt}: somebody began to register at ${left} and never stored what the server answered: ` +
          "a client may exist there that nobody knows",
      );
    }
    return known;
  }

  /** Whoever we wait for may wait for us: another store of this process, over whatever connection. */
  #checkNotWithinHolder(issuer: string, attempt: string): void {
    const pending = this.#unsealed.last(issuer)?.value.notes[PENDING];
    if (isObject(pending)) checkNotWithin(String(pending.holder), issuer, attempt);
  }

  /** Makes a change after those that others in this process have begun: they would be in its way. */
  async #inTurn<T>(issuer: string, change: () => Promise<T>): Promise<T> {
    const made = (this.#last.get(issuer) ?? Promise.resolve()).then(change);
    const ended = made.catch(() => {}).then(() => {
      if (this.#last.get(issuer) === ended) this.#last.delete(issuer);
    });
    this.#last.set(issuer, ended);
    return await made;
  }

  async #change<T>(
    issuer: string,
    change: (value: Registrations) => Changed<T>,
    how: HowToChange & { readonly isOfKnown?: true },
  ): Promise<T> {
    const { documents, sealing } = this.#options;
    const key = this.#keyOf(issuer);
    const read = () => unlessAborted(attempting(how.attempt, () => this.#read(issuer)), how.signal);
    // What is remembered mostly stands still: it is written to unread, and nothing else is decided by it.
    let known = this.#unsealed.last(issuer);
    let isSure = !known;
    if (isSure) known = await read();
    for (let tries = 0;;) {
      how.signal?.throwIfAborted();
      if (!known && how.isOfKnown) return undefined as T;
      const started = performance.now();
      const base = settled(known?.value ?? NO_REGISTRATIONS);
      const changed = isSure ? change(base) : tried(change, base);
      if (isSure && changed?.value === base) return changed.result;
      if (!changed || changed.value === base) {
        [known, isSure] = [await read(), true];
        continue;
      }
      const plain = formatDocument(changed.value, known?.rest ?? {});
      const text = await sealing.seal(key, plain);
      const write = () => documents.write(key, text, known?.version);
      const version = await unlessAborted(attempting(how.attempt, write), how.signal);
      if (version !== undefined) {
        this.#keep(issuer, { text, version, ...parseDocument(plain) });
        return changed.result;
      }
      if (isSure) {
        // Somebody was faster: the more often, the more there are.
        const turn = performance.now() - started;
        await sleep(Math.random() * turn * Math.min(2 ** tries++, LONGEST_BACK_OFF), how.signal);
      }
      known = await read();
      isSure = true;
    }
  }

  async #valueOf(issuer: string): Promise<Registrations> {
    return (await this.#read(issuer))?.value ?? NO_REGISTRATIONS;
  }

  async #read(issuer: string): Promise<UnsealedDocument | undefined> {
    if (!isStorable(issuer)) return undefined;
    const key = this.#keyOf(issuer);
    const before = this.#unsealed.last(issuer);
    const document = await this.#options.documents.read(key);
    const read = document && await this.#unsealed.unseal(key, document);
    // What was written or read meanwhile may be newer.
    if (this.#unsealed.last(issuer) === before) this.#keep(issuer, read);
    return read;
  }

  #keep(issuer: string, document: UnsealedDocument | undefined): void {
    if (document) this.#unsealed.remember(issuer, document);
    if (this.#options.maxAge === 0) return;
    const value = document?.value ?? NO_REGISTRATIONS;
    this.#copies.set(issuer, { value, at: performance.now() });
  }

  /** What we asked a server for is stored, or was refused. */
  #withoutPending(value: Registrations): Registrations {
    const pending = value.notes[PENDING];
    const isOurs = isObject(pending) && pending.holder === this.place;
    return isOurs ? note(value, { [PENDING]: undefined }) : value;
  }

  #keyOf(issuer: string): DocumentKey {
    return { tenant: this.#options.tenant, issuer };
  }
}

/** What a change comes to; `undefined` where it throws. */
function tried<T>(
  change: (value: Registrations) => Changed<T>,
  value: Registrations,
): Changed<T> | undefined {
  try {
    return change(value);
  } catch {
    return undefined;
  }
}

/** Tells whether a database may do later what it has refused now. */
function isPassing(error: unknown): boolean {
  const { name, code } = Object(error);
  return name === "ClientStoreError" && code !== "EBADMSG" && code !== "ENOKEY";
}
