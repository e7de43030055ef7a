import type { ClientStore } from "../core/client_store.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Where and how a store keeps its clients. */
export interface ClientStoreOptions {
  /** Directory under the config home; `"ocamlgpt"` unless given. */
  appName?: string;
  /**
   * Keeps the registrations of one tenant apart from all others, in
   * `<directory>/tenants/<tenant>/registered.json`. Two names that differ in case or Unicode
   * normalization only are one directory on some file systems, so the second one is refused.
   */
  tenant?: string;
  /** The file itself, instead of what the other options and the environment say. */
  path?: string;
  /** The runtime to work on; the one that the program runs on unless given. */
  runtime?: Runtime;
  /**
   * Hears of what was mended or ignored, such as a damaged file that was kept aside and rebuilt;
   * `console.warn` unless given. No message holds a secret.
   */
  warn?: (message: string) => void;
  /** How long a change waits for other processes, in milliseconds; 10,000 unless given. */
  lockTimeout?: number;
  /** How long before `client_secret_expires_at` a client counts as expired, in seconds; 60 unless given. */
  skew?: number;
  /** The clock for expiry: milliseconds since the epoch; `Date.now` unless given. */
  now?: () => number;
}

/** The registrations in one `registered.json`. {@linkcode openClientStore} opens one. */
export interface FileStore extends ClientStore {
  /** The file: a path as the runtime writes it. Throws a {@linkcode ClientStoreError} without a home. */
  readonly path: string;
}
