import type { JsonValue } from "@std/json";
import type { ClientInformation } from "./client_information.ts";
import { isObject } from "./registry.ts";

/** The version of `registered.metadata.json` that this library reads and writes. */
const VERSION = 1;

/** What `registered.metadata.json` says of one client: all but the secret. */
export type ClientMetadata = { [member: string]: JsonValue | undefined };

/** A client that another one has taken the place of. */
export interface ReplacedClient {
  /** The issuer it is registered with. */
  issuer: string;
  /** What is known of it; with its RFC 7592 members it can still be deleted at the server. */
  client: ClientInformation;
}

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

/** No metadata. */
export const NO_METADATA: Metadata = { clients: {}, replaced: [], rest: {} };

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

/** The text of the file. */
export function formatMetadata({ clients, replaced, rest }: Metadata): string {
  const ledger = replaced.length > 0 ? { replaced } : {};
  return `${JSON.stringify({ version: VERSION, clients, ...ledger, ...rest }, null, 2)}\n`;
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

/**
 * The metadata once `client` (`undefined`: none) has taken the place of `previous` in
 * `registered.json`. What was known of `previous` moves to the replaced ones.
 */
export function withClient(
  metadata: Metadata,
  issuer: string,
  client: ClientInformation | undefined,
  previous: ClientInformation | undefined,
): Metadata {
  const { [issuer]: standing, ...others } = metadata.clients;
  const clients = { ...others };
  if (client) {
    const { client_secret, ...members } = client;
    const known: ClientMetadata = members as ClientMetadata;
    if (client_secret === null) known.client_secret = null;
    // One client_id with two secrets: only the secret tells whose metadata this is.
    if (client.client_id === previous?.client_id && client_secret !== previous.client_secret) {
      known.client_secret = client_secret ?? null;
    }
    if (Object.keys(known).length > 1) define(clients, issuer, known);
  }
  const old = previous && metadataOf(metadata, issuer, previous);
  const leaving = [old, isObject(standing) && standing !== old ? standing : undefined]
    .filter((known) => known !== undefined)
    .map((known) => ({ issuer, client: known as unknown as ClientInformation }));
  const orphans = metadata.replaced.filter((entry) =>
    isOrphan(entry, issuer === entry.issuer ? client : undefined) &&
    !leaving.some((other) => isSameClient(other, entry))
  );
  return { ...metadata, clients, replaced: [...orphans, ...leaving] };
}

/** Tells whether a replaced client can be deleted at the server, and is not the `current` one. */
export function isOrphan(
  { client }: ReplacedClient,
  current: { client_id: string } | undefined,
): boolean {
  return typeof client.registration_client_uri === "string" &&
    typeof client.registration_access_token === "string" &&
    client.client_id !== current?.client_id;
}

/** Tells whether two entries are about one client. */
export function isSameClient(a: ReplacedClient, b: ReplacedClient): boolean {
  return a.issuer === b.issuer && a.client.client_id === b.client.client_id;
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

/** Sets an own member, also where its name is `__proto__`. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
