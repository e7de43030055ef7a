/**
 * A runtime and a database in memory, for tests of programs that use the library: no test touches the
 * user's files, or needs a server.
 *
 * {@linkcode createMemoryRuntime} goes to `openClientStore` as `runtime`, in place of files;
 * {@linkcode openMemoryClientStore} is a store in place of one in a database.
 *
 * @module
 */
import type { ClientStore } from "../core/client_store.ts";
import type { MembersOf } from "../core/client_store_error.ts";
import { DocumentsClientStore } from "../documents/documents_client_store.ts";
import type { Documents } from "../documents/documents.ts";
import { sealingOf } from "../documents/sealing.ts";
import { checkStoreOptions, REMOTE, type RemoteStoreOptions } from "../documents/store_options.ts";
import { MemoryDocuments } from "./memory_documents.ts";

export {
  createMemoryRuntime,
  type FileInfo,
  type FileSystem,
  type MemoryRuntime,
  type MemoryRuntimeOptions,
  type Owner,
  type Runtime,
} from "../runtime/memory.ts";
export type { DocumentKey, Documents, VersionedDocument } from "../documents/documents.ts";
export type { DocumentsStoreOptions, RemoteStoreOptions } from "../documents/store_options.ts";
export type { Encryption, EncryptionKey } from "../documents/sealing.ts";
export type { ClientInformation } from "../core/client_information.ts";
export { ClientStoreError, type ClientStoreErrorOptions } from "../core/client_store_error.ts";
export type {
  AmendOptions,
  ChangeOptions,
  ClientStore,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  Registrant,
  ReplacedClient,
  StoreOptions,
} from "../core/client_store.ts";
export type { Fit } from "../core/fit.ts";
export type {
  Notes,
  Registration,
  Registrations,
  Requested,
  Source,
  State,
} from "../core/registrations.ts";
export type { JsonValue } from "@std/json/types";

/** Options of {@linkcode openMemoryClientStore}. */
export interface MemoryStoreOptions extends RemoteStoreOptions {
  /** Where the documents are; a new place unless given. */
  documents?: Documents;
}

/**
 * Creates a database in memory. Stores that are opened on it share it, as replicas of a program do.
 *
 * @returns The documents, empty.
 *
 * @example Two replicas of a program
 * ```ts
 * import { createMemoryDocuments, openMemoryClientStore } from "@oauth2/client-store/memory";
 *
 * const documents = createMemoryDocuments();
 * const open = () => openMemoryClientStore({ documents, dangerouslyStorePlaintext: true });
 * await open().store("https://auth.example", { client_id: "abc123" });
 * console.log((await open().lookup("https://auth.example"))?.client_id); // Prints: abc123
 * ```
 */
export function createMemoryDocuments(): Documents {
  return new MemoryDocuments();
}

const OPTIONS: MembersOf<MemoryStoreOptions> = { documents: true, ...REMOTE };

/**
 * Opens a store in memory that means what one in a database does.
 *
 * @param options Where and how the documents are kept.
 * @returns The store.
 * @throws {TypeError} If an option cannot be meant or is unknown.
 *
 * @example Register once in a test
 * ```ts
 * import { openMemoryClientStore } from "@oauth2/client-store/memory";
 *
 * const store = openMemoryClientStore({ dangerouslyStorePlaintext: true });
 * let requests = 0;
 * const register = () => ({ client_id: `client-${++requests}` });
 * await store.getOrRegister("https://auth.example", register);
 * await store.getOrRegister("https://auth.example", register);
 * console.log(requests); // Prints: 1
 * ```
 */
export function openMemoryClientStore(options: MemoryStoreOptions): ClientStore {
  checkStoreOptions(options, OPTIONS);
  const { documents = createMemoryDocuments(), ...rest } = options;
  return new DocumentsClientStore(documents, sealingOf(rest), rest);
}
