/**
 * Gives a program its OAuth 2.0 client at an issuer, registers at most once, and remembers it: across
 * runs, processes and programs of one user. The files, on the runtime that the program runs on.
 *
 * Most programs want `resolveClient` of `./registration`, which takes the first way that leads to a
 * client: one that the user was given, the URL of a Client ID Metadata Document, or Dynamic Client
 * Registration ({@link https://www.rfc-editor.org/rfc/rfc7591 | RFC 7591}). Here is what it stands on.
 *
 * @example Register on the first run, and read from disk on every later one
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * // A program opens its store without options: the clients are then in a file of the user's.
 * const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * const redirectUris = ["http://127.0.0.1/callback"];
 * const client = await store.getOrRegister(
 *   "https://auth.example",
 *   () => ({ client_id: "abc123" }), // (options) => register(issuer, metadata, options)
 *   { redirectUris },
 * );
 * console.log(client.client_id); // Prints: abc123
 * ```
 *
 * @module
 */
import type { ClientInformation } from "./src/core/client_information.ts";
import type {
  ChangeOptions,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  Registrant,
  StoreOptions,
} from "./src/core/client_store.ts";
import type { Fit } from "./src/core/fit.ts";
import type {
  ClientStoreOptions,
  ExamineOptions,
  FileStore,
} from "./src/file/client_store_options.ts";
import { FileClientStore } from "./src/file/file_client_store.ts";
import { currentRuntime } from "./src/runtime/current.ts";

export { ClientStoreError, type ClientStoreErrorOptions } from "./src/core/client_store_error.ts";
export type { AmendOptions, ClientStore, ReplacedClient } from "./src/core/client_store.ts";
export type { Finding } from "./src/file/finding.ts";
export type {
  Notes,
  Registration,
  Registrations,
  Requested,
  Source,
  State,
} from "./src/core/registrations.ts";
export type { JsonValue } from "@std/json/types";
export type { FileInfo, FileSystem, Runtime } from "./src/runtime/runtime.ts";
export type {
  ChangeOptions,
  ClientInformation,
  ClientStoreOptions,
  ExamineOptions,
  FileStore,
  Fit,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  Registrant,
  StoreOptions,
};

let defaultStore: FileStore | undefined;

/**
 * Opens the store that the options name. Nothing is read or created yet.
 *
 * @param options Where the file is and how to work on it.
 * @returns The store: `lookup`, `store`, `remove`, `list` and `getOrRegister` as methods, and `path`.
 * @throws {TypeError} If `appName`, `tenant` or `path` cannot name a file, if `lockTimeout` or `skew`
 * is no number, or if there is no such option: the message names the nearest one.
 *
 * @example Keep one customer's registrations apart from all others
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * const runtime = createMemoryRuntime({ env: { HOME: "/home/u" } });
 * const store = openClientStore({ tenant: "customer-1", runtime });
 * await store.store("https://auth.example", { client_id: "abc123" });
 * console.log(await openClientStore({ runtime }).lookup("https://auth.example")); // Prints: undefined
 * ```
 */
export function openClientStore(options: ClientStoreOptions = {}): FileStore {
  return new FileClientStore(options, currentRuntime);
}

const theStore = () => defaultStore ??= openClientStore();

/**
 * Finds the client that is registered with `issuer` in the default file. Takes no lock.
 *
 * The exact issuer comes first, then the spelling that differs by one trailing slash.
 *
 * @param issuer The authorization server's issuer identifier, compared as it stands
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414, section 2}).
 * @param fit What the client must be registered for: then one that is kept for another purpose is
 * found, too.
 * @returns What was stored, or `undefined` when nothing is: a missing, unreadable or damaged file, a
 * denied permission and an expired secret all read as not registered. It never rejects: a `fit` with
 * a member that it does not know fits nothing, and `console.warn` tells which.
 *
 * @example Use what an earlier run has registered
 * ```ts
 * import { lookup } from "@oauth2/client-store";
 *
 * const client = await lookup("https://auth.example");
 * console.log(client?.client_id ?? "not registered"); // Prints: not registered
 * ```
 */
export async function lookup(issuer: string, fit?: Fit): Promise<ClientInformation | undefined> {
  return await theStore().lookup(issuer, fit);
}

/**
 * Stores `client` as the current one of `issuer` in the default file. The one before is replaced, or
 * kept for what it is for where the new one does not serve that.
 *
 * Resolves once the change is on disk: the file, then its name, are flushed. Other programs'
 * entries stay as they are.
 *
 * @param issuer The authorization server's issuer identifier, kept as it stands: an absolute http or
 * https URL without query or fragment
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414, section 2}).
 * @param client The server's whole answer to the registration
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1 | RFC 7591, section 3.2.1}).
 * @param options The `source` of the client, what was `requested` for it, a `signal` that ends the wait
 * for other processes.
 * @throws {TypeError} If `issuer` is no such URL, or a member of `client` is of the wrong type.
 * @throws {ClientStoreError} If the file cannot be read, locked or written, or a pre-registered client is
 * there (`ERR_PRE_REGISTERED`).
 *
 * @example Remember a client
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * const clients = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * await clients.store("https://auth.example", { client_id: "abc123", client_secret: "s3cr3t" });
 * const client = await clients.lookup("https://auth.example");
 * console.log(client?.client_id); // Prints: abc123
 * ```
 */
export async function store(
  issuer: string,
  client: ClientInformation,
  options?: StoreOptions,
): Promise<void> {
  await theStore().store(issuer, client, options);
}

/**
 * Removes the client that is registered with `issuer` from the default file, expired or not.
 *
 * @param issuer The issuer, or its spelling that differs by one trailing slash.
 * @param only Removes the client only if it is still the one with this `client_id`, under either
 * spelling, so that a newer one of another process stays.
 * @param options May hold a `signal` that ends the wait for other processes.
 * @returns Whether a client was removed.
 * @throws {TypeError} If `issuer` is no string or `only` has no `client_id`.
 * @throws {ClientStoreError} If the file cannot be read, locked or written; nothing is changed then.
 *
 * @example Forget a client that the server has rejected
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * const clients = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * await clients.store("https://auth.example", { client_id: "new" });
 * console.log(await clients.remove("https://auth.example", { client_id: "old" })); // Prints: false
 * console.log(await clients.remove("https://auth.example", { client_id: "new" })); // Prints: true
 * ```
 */
export async function remove(
  issuer: string,
  only?: { client_id: string },
  options?: ChangeOptions,
): Promise<boolean> {
  return await theStore().remove(issuer, only, options);
}

/**
 * Lists every client in the default file by issuer; an expired one has `expired: true`. Takes no lock.
 *
 * @returns The clients in the order of the file; empty when it cannot be read. It never rejects.
 *
 * @example Print what is registered
 * ```ts
 * import { list } from "@oauth2/client-store";
 *
 * for (const [issuer, { client_id, expired }] of await list()) {
 *   console.log(issuer, client_id, expired ? "expired" : "");
 * }
 * ```
 */
export async function list(): Promise<Map<string, ListedClient>> {
  return await theStore().list();
}

/**
 * Finds the client for `issuer` in the default file, or calls `register` and stores what it returns.
 *
 * However many callers and processes ask at the same time, one registers, and the others get its
 * result. It is on disk before anybody gets it; a failure leaves nothing behind.
 *
 * @param issuer The issuer, as for {@linkcode store}.
 * @param register Sends the registration request and returns the server's whole answer
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3 | RFC 7591, section 3}); gets the `signal`.
 * @param options Which client will do, and a `signal` that ends the wait at once.
 * @returns A client that is on disk.
 * @throws {TypeError} If an argument, or what `register` returned, is wrong.
 * @throws {ClientStoreError} If the file cannot be read, locked or written. This is found out before
 * `register` is called, as far as it can be.
 * @throws What `register` throws, and the reason of `signal`.
 *
 * @example Register once
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * const clients = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * let requests = 0;
 * const register = async () => ({ client_id: `client-${++requests}` });
 * await clients.getOrRegister("https://auth.example", register);
 * await clients.getOrRegister("https://auth.example", register);
 * console.log(requests); // Prints: 1
 * ```
 */
export async function getOrRegister(
  issuer: string,
  register: Register,
  options?: GetOrRegisterOptions,
): Promise<ClientInformation> {
  return await theStore().getOrRegister(issuer, register, options);
}
