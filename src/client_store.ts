import type { Runtime } from "./runtime.ts";
import type { ClientInformation } from "./client_information.ts";
import type { GetOrRegisterOptions, Register } from "./get_or_register.ts";
import type { ReplacedClient } from "./registry.ts";

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

/** How a change may be ended early. */
export interface ChangeOptions {
  /** Ends the wait for other processes; the change is not made then. */
  signal?: AbortSignal;
}

/** What {@linkcode ClientStore.list} tells of a client. */
export interface ListedClient extends ClientInformation {
  /** `true` when the client's secret has expired, so that `lookup` does not find it. */
  expired?: true;
}

/** The registrations in one `registered.json`. {@linkcode openClientStore} opens one. */
export interface ClientStore {
  /** The file: a path as the runtime writes it. Throws a {@linkcode ClientStoreError} without a home. */
  readonly path: string;
  /**
   * Finds the client that is registered with `issuer`. Never rejects and takes no lock: what is
   * missing, unreadable, damaged or expired reads as not registered. The exact issuer comes first,
   * then the spelling that differs by one trailing slash.
   */
  lookup(issuer: string): Promise<ClientInformation | undefined>;
  /**
   * Stores `client` as the registration with `issuer`, replacing the one before. It is on disk
   * when the promise resolves.
   */
  store(issuer: string, client: ClientInformation, options?: ChangeOptions): Promise<void>;
  /**
   * Removes the client under `issuer`, expired or not, else the one under the spelling that differs
   * by one trailing slash; with `only`, that client under either. Resolves to whether there was one.
   */
  remove(
    issuer: string,
    only?: { client_id: string },
    options?: ChangeOptions,
  ): Promise<boolean>;
  /** Lists every client by issuer, expired ones included. Never rejects and takes no lock. */
  list(): Promise<Map<string, ListedClient>>;
  /**
   * Finds the client for `issuer`, or calls `register` and stores what it returns. However many
   * callers and processes ask at once, one registers, and the others get its result.
   */
  getOrRegister(
    issuer: string,
    register: Register,
    options?: GetOrRegisterOptions,
  ): Promise<ClientInformation>;
  /**
   * Lists the clients that were replaced or removed here and can still be deleted at their server
   * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.3 | RFC 7592, section 2.3}).
   */
  replaced(): Promise<ReplacedClient[]>;
  /** Forgets replaced clients, once their server has. */
  forgetReplaced(clients: readonly ReplacedClient[], options?: ChangeOptions): Promise<void>;
}
