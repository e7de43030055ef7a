import type { JsonValue } from "@std/json";
import type { ClientInformation } from "../core/client_information.ts";
import type { ReplacedClient } from "../core/client_store.ts";
import { isObject } from "../core/json.ts";

/** The version of `registered.metadata.json` that this library reads and writes. */
export const VERSION = 1;

/** The content of `registered.json` as it is read: issuer to whatever stands there. */
export type Registry = { [issuer: string]: JsonValue | undefined };

/** What `registered.metadata.json` says of one client: all but the secret. */
export type ClientMetadata = { [member: string]: JsonValue | undefined };

/** The content of `registered.metadata.json`. */
export interface Metadata {
  /** Issuer to the metadata of the client that is, or is about to be, in `registered.json`. */
  readonly clients: { [issuer: string]: JsonValue | undefined };
  /** Clients that were replaced. They tell of a client still in `registered.json`, too: a crash
   * between the two renames leaves the old client there, and its metadata here. */
  readonly replaced: readonly ReplacedClient[];
  /** Members of the file that we do not know. */
  readonly rest: { [member: string]: JsonValue | undefined };
}

/** `registered.json` and its metadata, read and parsed. */
export interface Snapshot {
  readonly registry: Registry;
  readonly metadata: Metadata | undefined;
}

/** Reads the text of `registered.json`; `undefined` when it is not one JSON object. */
export function parseRegistry(text: string): Registry | undefined {
  try {
    const value: JsonValue = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}

/** The two members that an entry holds, where `value` is an entry. */
export function entryOf(value: unknown): ClientInformation | undefined {
  if (!isObject(value)) return undefined;
  const { client_id, client_secret } = value;
  if (typeof client_id !== "string" || client_id === "") return undefined;
  if (typeof client_secret === "string") return { client_id, client_secret };
  return client_secret === undefined || client_secret === null ? { client_id } : undefined;
}

/** Reads the text of the file: `"unknown"` for another version, `undefined` when it is damaged. */
export function parseMetadata(text: string): Metadata | "unknown" | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
  if (!isObject(value)) return undefined;
  const { version, clients = {}, replaced = [], ...rest } = value;
  if (version !== VERSION) return version === undefined ? undefined : "unknown";
  if (!isObject(clients) || !Array.isArray(replaced) || !replaced.every(isReplaced)) {
    return undefined;
  }
  return { clients, replaced: replaced as unknown as ReplacedClient[], rest };
}

/** What is known of `client`, which `registered.json` holds for `issuer`. */
export function metadataOf(
  metadata: Metadata,
  issuer: string,
  client: ClientInformation,
): ClientMetadata | undefined {
  const current = Object.hasOwn(metadata.clients, issuer) ? metadata.clients[issuer] : undefined;
  if (isAbout(current, client)) return current;
  const replaced = metadata.replaced.findLast((entry) =>
    entry.issuer === issuer && isAbout(entry.client as ClientMetadata, client)
  );
  return replaced?.client as ClientMetadata | undefined;
}

/** The client under `issuer` in this snapshot, with its metadata. */
export function clientOf(
  { registry, metadata }: Snapshot,
  issuer: string,
): ClientInformation | undefined {
  if (!Object.hasOwn(registry, issuer)) return undefined;
  const entry = entryOf(registry[issuer]);
  return entry && metadata ? withMetadata(entry, metadataOf(metadata, issuer, entry)) : entry;
}

/** The client of this entry, with what is known of it. */
export function withMetadata(
  entry: ClientInformation,
  known: ClientMetadata | undefined,
): ClientInformation {
  const { client_secret: _, ...members } = known ?? {}; // there to tell whose metadata it is
  return { ...members, ...entry };
}

function isAbout(known: unknown, client: ClientInformation): known is ClientMetadata {
  if (!isObject(known) || known.client_id !== client.client_id) return false;
  return !Object.hasOwn(known, "client_secret") ||
    (known.client_secret ?? undefined) === client.client_secret;
}

function isReplaced(value: JsonValue): boolean {
  return isObject(value) && typeof value.issuer === "string" && isObject(value.client) &&
    typeof value.client.client_id === "string";
}
