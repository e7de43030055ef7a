import type { ClientInformation } from "./client_information.ts";
import type { Fit } from "./fit.ts";
import type { Notes, Registrations, Requested, Source, State } from "./registrations.ts";

/** Registers a client: sends the request of RFC 7591 and returns the whole answer. */
export type Register = (
  options: { signal?: AbortSignal },
) => ClientInformation | Promise<ClientInformation>;

/** Who else registers with an issuer just now, as far as is known: for people, never to decide by. */
export interface Registrant {
  /** The number of the process, in its own system or container. */
  readonly pid?: number;
  /** Since when: ISO 8601, by its own clock. */
  readonly since?: string;
}

/** Which client will do, and how to wait for it. */
export interface GetOrRegisterOptions extends Fit {
  /** Ends the wait at once, and is passed on to `register`. */
  signal?: AbortSignal;
  /**
   * The `client_id` that the server rejected (`invalid_client`). A new client is registered only if
   * nobody has replaced that one meanwhile.
   */
  replace?: string;
  /** What `register` asks for beyond what the other options say; it is kept with the client. */
  requested?: Requested;
  /**
   * Names the request that `register` makes, such as by a hash of it: that it is invalid is not asked
   * again for the same one, for an hour.
   */
  request?: string;
  /** Asks the server even though it has refused and the time to ask again has not come. */
  retry?: boolean;
  /** Hears, once for each, of another process that registers with the issuer, and is waited for. */
  onWait?: (registrant: Registrant) => void;
}

/** How a change may be ended early. */
export interface ChangeOptions {
  /** Ends the wait for other processes; the change is not made then. */
  signal?: AbortSignal;
}

/** What else is known of a client that is stored. */
export interface StoreOptions extends ChangeOptions {
  /**
   * How the program came to the client; `"dcr"` unless given. One that is `"pre-registered"` is the
   * user's: never replaced, never removed by a rejection, never registered over.
   */
  source?: "dcr" | "pre-registered";
  /** What was asked for when it was registered: it counts where the server's answer is silent. */
  requested?: Requested;
}

/** What more is known of a client. */
export interface AmendOptions extends ChangeOptions {
  /** What was asked for, instead of what is known of that. */
  requested?: Requested;
  /** Small values to keep with the client; one that is `undefined` is removed. */
  notes?: Notes;
}

/** What {@linkcode ClientStore.list} tells of a client. */
export interface ListedClient extends ClientInformation {
  /** `true` when the client's secret has expired, so that `lookup` does not find it. */
  expired?: true;
  /** How the program came to it. */
  source: Source;
  /** Whether it is the current one or kept for another purpose. */
  state: Exclude<State, "replaced">;
  /** The other clients of the issuer, each for a purpose of its own, the newest first; absent without. */
  kept?: ListedClient[];
}

/** A client that another one has taken the place of. */
export interface ReplacedClient {
  /** The issuer it is registered with. */
  issuer: string;
  /** What is known of it; with its RFC 7592 members it can still be deleted at the server. */
  client: ClientInformation;
}

/**
 * The registrations of one program, user or tenant: the same in a file and in a database. An option that
 * a method does not know is a `TypeError`: one that is misspelt would silently mean something else.
 *
 * The methods up to `getOrRegister` are what programs need; those after it are for features that keep
 * more than a client, such as `./registration` and `./mcp`.
 */
export interface ClientStore {
  /**
   * Finds the client for `issuer`: the current one; with `fit`, the current one if it fits, else the
   * newest of those kept for another purpose that does. The exact issuer comes first, then the
   * spelling that differs by one trailing slash. On files it never rejects and takes no lock: what is
   * missing, unreadable, damaged or expired reads as not registered; a `fit` that cannot be meant, such
   * as one with an unknown member, fits nothing, and `warn` hears of it.
   */
  lookup(issuer: string, fit?: Fit): Promise<ClientInformation | undefined>;
  /**
   * Stores `client` as the current one of `issuer`; the one before stays for what it is for, where the
   * new one does not serve that. It is stored for good when the promise resolves.
   */
  store(issuer: string, client: ClientInformation, options?: StoreOptions): Promise<void>;
  /**
   * Removes the client under `issuer`, expired or not, with those kept beside it, else the one under
   * the spelling that differs by one trailing slash; with `only`, that client alone, under either.
   * Resolves to whether there was one.
   */
  remove(
    issuer: string,
    only?: { client_id: string },
    options?: ChangeOptions,
  ): Promise<boolean>;
  /** Lists the clients by issuer, expired ones included. On files it never rejects and takes no lock. */
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
  /** All that is known of an issuer. Read as `lookup` reads; what it gives must not be changed. */
  registrations(issuer: string): Promise<Registrations>;
  /**
   * Changes what is known of the client with this `client_id`, whatever its state, which stays: these
   * members are put in the place of those before, such as a renewed registration access token, and all
   * others stay as they are then. Resolves to whether the client is known.
   */
  amend(issuer: string, client: ClientInformation, options?: AmendOptions): Promise<boolean>;
  /** Keeps small values with the issuer; one that is `undefined` is removed. */
  note(issuer: string, notes: Notes, options?: ChangeOptions): Promise<void>;
}
