import type { ClientStore, ListedClient } from "../core/client_store.ts";
import { isSameIssuer } from "../registration/metadata_document.ts";
import type { OAuthClientProviderLike, StoredClientInformation } from "./oauth_client_provider.ts";

/** The client that the provider keeps itself, if it has one. */
export async function ownClientOf(
  provider: OAuthClientProviderLike,
  context: { issuer: string } | undefined,
): Promise<StoredClientInformation | undefined> {
  const own = await provider.clientInformation?.(context);
  const { client_id } = Object(own);
  return typeof client_id === "string" && client_id !== ""
    ? own as StoredClientInformation
    : undefined;
}

/** The other issuer that a client is bound to, by its stamp or by what the store knows of its secret. */
export async function boundElsewhere(
  own: StoredClientInformation,
  issuer: string,
  store: Pick<ClientStore, "list">,
): Promise<string | undefined> {
  if (typeof own.issuer === "string") {
    return isSameIssuer(own.issuer, issuer) ? undefined : own.issuer;
  }
  // A name alone binds nothing: another server may have given the same one to a client of its own.
  if (own.client_secret === undefined) return undefined;
  const isIt = ({ client_id, client_secret }: ListedClient) =>
    client_id === own.client_id && client_secret === own.client_secret;
  const bound = [...await store.list()]
    .filter(([, client]) => [client, ...client.kept ?? []].some(isIt))
    .map(([listedIssuer]) => listedIssuer);
  return bound.some((one) => isSameIssuer(one, issuer)) ? undefined : bound[0];
}

/** Tells whether the provider's own client was registered dynamically, so that it may be stored. */
export async function isRegisteredDynamically(
  provider: OAuthClientProviderLike,
  own: StoredClientInformation,
): Promise<boolean> {
  const told = await provider.isClientInformationDynamicallyRegistered?.();
  if (typeof told === "boolean") return told;
  // What the SDK gives a provider to keep is an answer to a registration, which always has these.
  return provider.saveClientInformation !== undefined &&
    Array.isArray(Object(own).redirect_uris);
}
