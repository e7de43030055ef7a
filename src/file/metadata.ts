import type { ClientInformation } from "../core/client_information.ts";
import { type ClientMetadata, type Metadata, metadataOf, VERSION } from "./registry.ts";
import { isObject } from "../core/json.ts";
import type { ReplacedClient } from "../core/client_store.ts";

/** No metadata. */
export const NO_METADATA: Metadata = { clients: {}, replaced: [], rest: {} };

/** Tells whether a client has more than its two members in `registered.json`. */
export function hasMetadata(client: ClientInformation): boolean {
  return Object.keys(client).some((member) => member !== "client_id" && member !== "client_secret");
}

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
  const { [issuer]: standing, ...clients } = metadata.clients;
  const old = previous && metadataOf(metadata, issuer, previous);
  const isReplaced = client?.client_id !== previous?.client_id ||
    client?.client_secret !== previous?.client_secret;
  // What stands here of neither is of a client that another program has replaced.
  const isOther = isObject(standing) && standing !== old &&
    typeof standing.client_id === "string" &&
    (standing.client_id !== client?.client_id || isDeletable(standing) && !isDeletable(client));
  const isKept = isReplaced || isDeletable(old) && !isDeletable(client);
  const leaving = [isKept ? old : undefined, isOther ? standing : undefined]
    .filter((known) => known !== undefined)
    .map((known) => ({ issuer, client: known as unknown as ClientInformation }));
  const stored = client && { issuer, client };
  // The ledger keeps what can be deleted, until more recent data to do it with come.
  const orphans = metadata.replaced.filter((entry) =>
    issuer !== entry.issuer || isDeletable(entry.client) &&
      ![stored, ...leaving].some((other) =>
        other && isDeletable(other.client) && isSameClient(other, entry)
      )
  );
  const replaced = [...orphans, ...leaving];
  if (stored) {
    const { client_secret, ...members } = stored.client;
    const known: ClientMetadata = members as ClientMetadata;
    // One client_id with two secrets: only the secret tells whose metadata this is.
    if (client.client_id === previous?.client_id && client_secret !== previous.client_secret) {
      known.client_secret = client_secret ?? null;
    }
    // Nothing but the client_id says that what the ledger has of this client does not count.
    const isInLedger = replaced.some((entry) => isSameClient(stored, entry));
    if (Object.keys(known).length > 1 || isInLedger) define(clients, issuer, known);
  }
  return { ...metadata, clients, replaced };
}

/** Tells whether what is known of a client is enough to delete it at its server. */
export function isDeletable(known: ClientMetadata | ClientInformation | undefined): boolean {
  return typeof known?.registration_client_uri === "string" &&
    typeof known.registration_access_token === "string";
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
