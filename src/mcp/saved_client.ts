import type { ClientStore } from "../core/client_store.ts";
import { quote } from "../core/issuer.ts";
import type { Requested } from "../core/registrations.ts";
import type { HandedOut } from "./handed_out_clients.ts";
import type { StoredClientInformation } from "./oauth_client_provider.ts";

/** Keeps a client that the SDK has registered by itself, beside those that would not do. */
export async function keepRegistered(
  store: ClientStore,
  issuer: string,
  client: StoredClientInformation,
  requested: Requested,
): Promise<void> {
  await store.getOrRegister(issuer, () => ({ ...client }), {
    requested,
    accept: (one) => changesIn(client, one).length === 0,
    retry: true, // no server is asked
  });
}

/**
 * Keeps what the SDK, or who uses it, has added to a client that it was given; returns the client with
 * that.
 */
export async function keepAdded(
  store: ClientStore,
  given: HandedOut,
  saved: StoredClientInformation,
): Promise<HandedOut> {
  const { issuer, client, source } = given;
  const added = Object.fromEntries(changesIn(saved, client));
  if (source === "cimd" || Object.keys(added).length === 0) return given;
  await store.amend(issuer, { ...added, client_id: client.client_id });
  return { ...given, client: { ...client, ...added } };
}

/**
 * Refuses a client with the secret of one that was given for another server, as where two flows at once
 * were taken for each other.
 *
 * @throws {Error} If it is that.
 */
export function checkSecret(
  saved: StoredClientInformation,
  issuer: string,
  other: HandedOut | undefined,
): void {
  const { client_secret } = saved;
  if (client_secret === undefined || other?.client.client_secret !== client_secret) return;
  if (other.source === "own") return; // what the provider has, it gives to whom it will
  throw new Error(
    `Cannot keep client for issuer ${quote(issuer)}: its secret is that of the client at issuer ` +
      `${quote(other.issuer)}: log in at one server at a time, or use a provider for each`,
  );
}

/** What `saved` says otherwise than `client`, but for the stamp: there are two spellings of it. */
function changesIn(saved: object, client: object): [string, unknown][] {
  return Object.entries(saved).filter(([member, value]) =>
    member !== "issuer" && JSON.stringify(value) !== JSON.stringify(Object(client)[member])
  );
}
