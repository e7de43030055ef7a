/**
 * A client store in PostgreSQL, for programs that run on more than one machine. The connection is the
 * program's own, and no driver is depended on.
 *
 * Where there are both, take it rather than `./redis`: it keeps what it acknowledged without being
 * told to. On one machine the files of the main entry are faster, and need no server.
 *
 * @module
 */
import type { ClientStore } from "../core/client_store.ts";
import type { MembersOf } from "../core/client_store_error.ts";
import { DocumentsClientStore } from "../documents/documents_client_store.ts";
import { sealingOf } from "../documents/sealing.ts";
import {
  checkStoreOptions,
  DEADLINE,
  REMOTE,
  type RemoteStoreOptions,
} from "../documents/store_options.ts";
import { PostgresDocuments, type PostgresQuery } from "./postgres_documents.ts";
import { checkSchema } from "./statements.ts";

export type { DocumentsStoreOptions, RemoteStoreOptions } from "../documents/store_options.ts";
export { type MigrateOptions, migratePostgres } from "./migrate.ts";
export type { PostgresQuery } from "./postgres_documents.ts";
export { postgresMigration } from "./statements.ts";
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

/** Options of {@linkcode openPostgresClientStore}. */
export interface PostgresStoreOptions extends RemoteStoreOptions {
  /** Runs one statement over the connection of the program. */
  query: PostgresQuery;
  /** The schema of the table; `"public"` unless given. */
  schema?: string;
}

const OPTIONS: MembersOf<PostgresStoreOptions> = { query: true, schema: true, ...REMOTE };

/**
 * Opens a client store in PostgreSQL 13 or later. Nothing is read or created yet: the table is made by
 * {@linkcode migratePostgres}, or by a migration tool from {@linkcode postgresMigration}.
 *
 * An outage is an error with a code, in `lookup`, too.
 *
 * @param options The connection, whose registrations, and how they are sealed.
 * @returns The store.
 * @throws {TypeError} If an option cannot be meant or is unknown, or neither `encryption` nor
 * `dangerouslyStorePlaintext` is given.
 *
 * @example Share the registrations of all replicas
 * ```ts
 * import { openPostgresClientStore } from "@oauth2/client-store/postgres";
 *
 * // with pg: const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
 * const pool = { query: async (_text: string, _values: string[]) => ({ rows: [] }) };
 * const store = openPostgresClientStore({
 *   query: (text, values) => pool.query(text, values),
 *   encryption: { keys: [{ id: "2026-11", key: crypto.getRandomValues(new Uint8Array(32)) }] },
 * });
 * await store.lookup("https://auth.example");
 * ```
 */
export function openPostgresClientStore(options: PostgresStoreOptions): ClientStore {
  checkStoreOptions(options, OPTIONS);
  const { query, schema = "public", ...rest } = options;
  if (typeof query !== "function") {
    throw new TypeError("Cannot open client store: query must be a function");
  }
  checkSchema(schema);
  const documents = new PostgresDocuments(query, schema, rest.deadline ?? DEADLINE);
  return new DocumentsClientStore(documents, sealingOf(rest), rest);
}
