/**
 * A client store in Redis or Valkey, for programs that run on more than one machine. The connection is
 * the program's own, and no driver is depended on.
 *
 * For where there is no PostgreSQL: run it with `appendonly yes` and `maxmemory-policy noeviction`, or
 * it forgets clients.
 *
 * @module
 */
import type { ClientStore } from "../core/client_store.ts";
import type { MembersOf } from "../core/client_store_error.ts";
import { DocumentsClientStore } from "../documents/documents_client_store.ts";
import { quietly } from "../core/quietly.ts";
import { sealingOf } from "../documents/sealing.ts";
import {
  checkStoreOptions,
  DEADLINE,
  REMOTE,
  type RemoteStoreOptions,
} from "../documents/store_options.ts";
import type { RedisSend } from "./redis_commands.ts";
import { RedisDocuments } from "./redis_documents.ts";

export type { DocumentsStoreOptions, RemoteStoreOptions } from "../documents/store_options.ts";
export type { RedisSend } from "./redis_commands.ts";
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

/** Options of {@linkcode openRedisClientStore}. */
export interface RedisStoreOptions extends RemoteStoreOptions {
  /** Sends one command over the connection of the program. */
  send: RedisSend;
  /** What every key begins with; `"ocs1"` unless given. */
  prefix?: string;
}

const OPTIONS: MembersOf<RedisStoreOptions> = { send: true, prefix: true, ...REMOTE };

/**
 * Opens a client store in Redis 6 or later, or Valkey. Nothing is read or written yet.
 *
 * All keys of a tenant are in one slot of a cluster and begin with `<prefix>:{<tenant>}:`. An outage is
 * an error with a code, in `lookup`, too.
 *
 * @param options The connection, whose registrations, and how they are sealed.
 * @returns The store.
 * @throws {TypeError} If an option cannot be meant or is unknown, or neither `encryption` nor
 * `dangerouslyStorePlaintext` is given.
 *
 * @example Share the registrations of all replicas
 * ```ts
 * import { openRedisClientStore } from "@oauth2/client-store/redis";
 *
 * // with redis: const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * const client = { sendCommand: async (_args: string[]) => null };
 * const store = openRedisClientStore({
 *   send: (args) => client.sendCommand(args),
 *   encryption: { keys: [{ id: "2026-11", key: crypto.getRandomValues(new Uint8Array(32)) }] },
 * });
 * await store.lookup("https://auth.example");
 * ```
 */
export function openRedisClientStore(options: RedisStoreOptions): ClientStore {
  checkStoreOptions(options, OPTIONS);
  const { send, prefix = "ocs1", ...rest } = options;
  if (typeof send !== "function") {
    throw new TypeError("Cannot open client store: send must be a function");
  }
  if (typeof prefix !== "string" || !/^[^{}*?[\]\\]+$/.test(prefix)) {
    throw new TypeError(
      "Cannot open client store: prefix must be a non-empty string without braces and wildcards",
    );
  }
  const { deadline = DEADLINE, warn = (message: string) => console.warn(message) } = rest;
  const documents = new RedisDocuments(send, { prefix, deadline, warn: quietly(warn) });
  return new DocumentsClientStore(documents, sealingOf(rest), rest);
}
