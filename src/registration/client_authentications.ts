import type { ClientAuth } from "oauth4webapi";
import type { ClientInformation } from "../core/client_information.ts";
import type { ServerMetadata } from "./metadata_document.ts";

/** How the client may authenticate: where it is not known, in any way that the server takes. */
export async function authenticationsOf(
  client: ClientInformation,
  { token_endpoint_auth_methods_supported: supported }: ServerMetadata,
): Promise<ClientAuth[]> {
  const { ClientSecretBasic, ClientSecretPost, None } = await import("oauth4webapi");
  const { client_secret: secret, token_endpoint_auth_method: method } = client;
  if (method === "none" || secret === undefined && method === undefined) return [None()];
  if (secret === undefined) return [];
  const ways = {
    client_secret_basic: ClientSecretBasic(secret),
    client_secret_post: ClientSecretPost(secret),
    // Some servers give a secret to public clients, too.
    none: None(),
  };
  if (method !== undefined && !Object.hasOwn(ways, method)) return [];
  // Some servers say that a client is registered for one, and take the other one only.
  const isTaken = (one: string) => !supported || supported.includes(one);
  const known = Object.entries(ways).filter(([one]) => one === (method ?? one) && isTaken(one));
  const others = Object.entries(ways).filter(([one]) => isTaken(one));
  return (known.length > 0 ? known : others).map(([, way]) => way);
}
