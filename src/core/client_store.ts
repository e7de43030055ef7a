import type { ClientInformation } from "./client_information.ts";
import type { Fit } from "./fit.ts";

/** Registers a client: sends the request of RFC 7591 and returns the whole answer. */
export type Register = (
  options: { signal?: AbortSignal },
) => ClientInformation | Promise<ClientInformation>;

/** Which client will do, and how to wait for it. */
export interface GetOrRegisterOptions extends Fit {
  /** Ends the wait at once, and is passed on to `register`. */
  signal?: AbortSignal;
  /**
   * The `client_id` that the server rejected (`invalid_client`). A new client is registered only if
   * nobody has replaced that one meanwhile.
   */
  replace?: string;
}

/** A client that another one has taken the place of. */
export interface ReplacedClient {
  /** The issuer it is registered with. */
  issuer: string;
  /** What is known of it; with its RFC 7592 members it can still be deleted at the server. */
  client: ClientInformation;
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
