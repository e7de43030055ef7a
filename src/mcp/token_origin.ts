import type { ClientInformation } from "../core/client_information.ts";
import type { ClientStore } from "../core/client_store.ts";
import type { Fit } from "../core/fit.ts";
import type { Registrations } from "../core/registrations.ts";
import type { AuthorizationServer } from "./authorization_server.ts";

// Some servers register clients, and give tokens, at another origin than their issuer's. A malicious one
// can name the endpoints of its victim, and its own token endpoint once there is a secret to be had.

/** The note of a registration: where tokens were given when it was made at another origin. */
const ORIGIN = "token_origin";

/** Notes where a secret belongs that was given at another origin than the issuer's. */
export async function noteTokenOrigin(
  store: ClientStore,
  { issuer, registrationEndpoint, tokenEndpoint }: AuthorizationServer,
  { client_id, client_secret }: ClientInformation,
): Promise<void> {
  const origin = originOf(tokenEndpoint);
  if (client_secret === undefined || origin === undefined) return;
  if (originOf(registrationEndpoint) === originOf(issuer)) return;
  const { all } = await store.registrations(issuer);
  const known = all.findLast((one) => one.client.client_id === client_id);
  if (known?.notes?.[ORIGIN] !== undefined) return;
  await store.amend(issuer, { client_id }, { notes: { [ORIGIN]: origin } });
}

/** The fit without the clients that are at home at another token endpoint than this server's. */
export function atHome(fit: Fit, { all }: Registrations, server: AuthorizationServer): Fit {
  // Without its document, nothing is known of the server's endpoints.
  if (!server.isPublished) return fit;
  const origin = originOf(server.tokenEndpoint);
  const others = all.filter(({ notes: { [ORIGIN]: home = origin } = {} }) => home !== origin)
    .map(({ client }) => client.client_id);
  if (others.length === 0) return fit;
  const accept: Fit["accept"] = (client) =>
    !others.includes(client.client_id) && (fit.accept?.(client) ?? true);
  return { ...fit, accept };
}

function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin;
}
