import type { ChangeOptions, ClientStore } from "../core/client_store.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Finding } from "./finding.ts";

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

/** How thoroughly the files are looked at. */
export interface ExamineOptions {
  /** Whether to find out who holds the locks that are there, which takes seconds; `true` unless given. */
  hasTime?: boolean;
}

/** The registrations in one `registered.json`. {@linkcode openClientStore} opens one. */
export interface FileStore extends ClientStore {
  /** The file: a path as the runtime writes it. Throws a {@linkcode ClientStoreError} without a home. */
  readonly path: string;
  /** Finds what is wrong with the files, and changes nothing. It takes seconds where a lock is there. */
  examine(options?: ExamineOptions): Promise<Finding[]>;
  /**
   * Mends what can be mended: closes the files and the store's own directories to others, gives what root
   * has left to whom the rest belongs, writes the files anew, rebuilds damaged ones from what is whole of
   * them, and removes locks and files that dead processes have left. Where nothing is there yet, the
   * directory is made: what is in the way of that shows.
   *
   * @throws {ClientStoreError} If the files cannot be changed, or a mode or an owner may not be: all else
   * is mended then.
   */
  mend(options?: ChangeOptions): Promise<void>;
}
