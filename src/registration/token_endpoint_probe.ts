import type { ClientInformation } from "../core/client_information.ts";
import { authenticationsOf } from "./client_authentications.ts";
import { type ClientProbe, redeem, revoke } from "./client_probe.ts";
import type { ServerMetadata } from "./metadata_document.ts";
import { checkEndpoint, type RegistrationRequestOptions } from "./request.ts";

/** A client that a server is asked about. */
export interface ProbedClient {
  /** For messages. */
  readonly attempt: string;
  readonly issuer: string;
  readonly server: ServerMetadata;
  readonly client: ClientInformation;
}

/** Asks a token endpoint to redeem a code that cannot exist, as this client. */
export async function probeTokenEndpoint(
  { attempt, issuer, server, client }: ProbedClient,
  options: RegistrationRequestOptions,
): Promise<"alive" | "dead" | "unknown"> {
  const checked = (url: string) => checkEndpoint(attempt, url, issuer, options).href;
  const { token_endpoint: token, revocation_endpoint: revocation } = server;
  if (token === undefined) return "unknown";
  const endpoint = { issuer, token_endpoint: checked(token) };
  const ways = await authenticationsOf(client, server);
  const probes = ways.map((authentication): ClientProbe => {
    return { attempt, server: endpoint, client, authentication };
  });
  const errors: unknown[] = [];
  for (const probe of probes) errors.push(await redeem(probe, options));
  if (errors.includes("invalid_grant")) {
    if (revocation === undefined) return "alive";
    const server = { ...endpoint, revocation_endpoint: checked(revocation) };
    const revoking = probes.map((probe) => ({ ...probe, server }));
    return await areDeadAllTheSame(revoking, options) ? "dead" : "alive";
  }
  const isDead = errors.length > 0 && errors.every((error) => error === "invalid_client");
  return isDead ? "dead" : "unknown";
}

/**
 * Tells whether a server says `invalid_grant` of whatever client, for it looks at the code first (seen
 * at better-auth 1.7), but does not know this one where a token is revoked.
 */
async function areDeadAllTheSame(
  probes: readonly ClientProbe[],
  options: RegistrationRequestOptions,
): Promise<boolean> {
  for (const probe of probes) {
    if (await revoke(probe, options) !== "invalid_client") return false;
  }
  const { None } = await import("oauth4webapi");
  const client = { client_id: crypto.randomUUID() };
  const strangers = probes.slice(0, 1).map((probe) => ({
    ...probe,
    client,
    authentication: None(),
  }));
  const errors = await Promise.all(strangers.map((probe) => redeem(probe, options)));
  return errors.includes("invalid_grant");
}
