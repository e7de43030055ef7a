import type { AsyncLocal } from "./nesting.ts";
import type { Registrant } from "./client_store.ts";
import type { Registrations } from "./registrations.ts";

/** How a change is made. */
export interface HowToChange {
  /** What is being attempted, for messages: `Cannot store client for issuer "…"`. */
  readonly attempt: string;
  /** Ends the wait for others. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether it keeps what a server has answered, which is not given up on as soon as what can simply be
   * asked for again.
   */
  readonly isAnswer?: boolean;
}

/** How to wait until nobody else registers with an issuer. */
export interface HowToWait extends HowToChange {
  /** Asked at every turn of the wait: `true` ends it. */
  isDone(): boolean | Promise<boolean>;
  /** Told, once for each, of who else registers. */
  readonly onWait?: ((registrant: Registrant) => void) | undefined;
}

/** What becomes of an issuer's registrations, and of who asked for it. */
export interface Changed<T> {
  readonly value: Registrations;
  readonly result: T;
}

/**
 * Where registrations are kept: all that the core asks of a file or a database. Issuers are given in
 * the spelling that stands for both.
 */
export interface Backend {
  /** Names the place among all in this process; with it and {@linkcode createAsyncLocal} a call that would wait for itself is refused. */
  readonly place: string;
  /** Makes what carries a value along asynchronous calls, where the runtime can. */
  createAsyncLocal?(): AsyncLocal | undefined;
  /** What is known of an issuer now, as fresh as a reader of the place sees it. */
  read(issuer: string, attempt: string): Registrations | Promise<Registrations>;
  /** What is known of every issuer that features may have to work on. */
  readAll(attempt: string): Promise<readonly Registrations[]>;
  /**
   * Makes a change that no other one comes between; it is stored for good when the promise resolves.
   * `change` may be called again, and gets the value as it is then. A change that needs something to
   * work on (`isOfKnown`) is not begun where nothing is stored at all: then it resolves to `undefined`.
   */
  change<T>(
    issuer: string,
    change: (value: Registrations) => Changed<T>,
    how: HowToChange & { readonly isOfKnown: true },
  ): Promise<T | undefined>;
  change<T>(
    issuer: string,
    change: (value: Registrations) => Changed<T>,
    how: HowToChange,
  ): Promise<T>;
  /**
   * Runs `work` while nobody else registers with this issuer, as far as that can be held; `undefined`
   * where the wait was ended by `isDone`.
   */
  exclusively<T>(issuer: string, how: HowToWait, work: () => Promise<T>): Promise<T | undefined>;
  /**
   * Finds out, before a server is asked, whether a change will be possible; resolves to what is known of
   * the issuer then, which is more than a reader may have seen.
   */
  rehearse(issuer: string, how: HowToChange): Promise<Registrations>;
}
