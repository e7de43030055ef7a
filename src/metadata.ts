import type { ClientInformation } from "./client_information.ts";
import {
  type ClientMetadata,
  isObject,
  type Metadata,
  metadataOf,
  type ReplacedClient,
  VERSION,
} from "./registry.ts";

/** No metadata. */
export const NO_METADATA: Metadata = { clients: {}, replaced: [], rest: {} };

/** The text of the file. */
export function formatMetadata({ clients, replaced, rest }: Metadata): string {
  const ledger = replaced.length > 0 ? { replaced } : {};
  return `${JSON.stringify({ version: VERSION, clients, ...ledger, ...rest }, null, 2)}\n`;
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
    // One client_id with two secrets: only the secret tells whose metadata this is.
    if (client.client_id === previous?.client_id && client_secret !== previous.client_secret) {
      known.client_secret = client_secret ?? null;
    }
    if (Object.keys(known).length > 1) define(clients, issuer, known);
  }
  const old = previous && metadataOf(metadata, issuer, previous);
  const isReplaced = client?.client_id !== previous?.client_id ||
    client?.client_secret !== previous?.client_secret;
  // What stands here of neither is of a client that another program has replaced.
  const isOther = isObject(standing) && standing !== old &&
    typeof standing.client_id === "string" && standing.client_id !== client?.client_id;
  const leaving = [isReplaced ? old : undefined, isOther ? standing : undefined]
    .filter((known) => known !== undefined)
    .map((known) => ({ issuer, client: known as unknown as ClientInformation }));
  const orphans = metadata.replaced.filter((entry) =>
    (issuer !== entry.issuer || isOrphan(entry, [client])) &&
    !leaving.some((other) => isSameClient(other, entry))
  );
  return { ...metadata, clients, replaced: [...orphans, ...leaving] };
}

/** Tells whether a replaced client can be deleted at the server, and is none of the `current` ones. */
export function isOrphan(
  { client }: ReplacedClient,
  current: readonly (ClientInformation | undefined)[],
): boolean {
  return typeof client.registration_client_uri === "string" &&
    typeof client.registration_access_token === "string" &&
    current.every((other) => other?.client_id !== client.client_id);
}

/** Tells whether two entries are about one client. */
export function isSameClient(a: ReplacedClient, b: ReplacedClient): boolean {
  return a.issuer === b.issuer && a.client.client_id === b.client.client_id;
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
