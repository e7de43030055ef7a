import type { Client, ClientAuth } from "oauth4webapi";
import type { ClientInformation } from "../core/client_information.ts";
import { isObject } from "../core/json.ts";
import type { ServerMetadata } from "./metadata_document.ts";
import { parseJson } from "./parse_json.ts";
import { readBody } from "./read_body.ts";
import { checkEndpoint, type RegistrationRequestOptions, send } from "./request.ts";

/** A client that a token endpoint is asked about. */
export interface TokenEndpointProbe {
  /** For messages. */
  readonly attempt: string;
  readonly issuer: string;
  readonly server: ServerMetadata;
  readonly client: ClientInformation;
}

/** Asks a token endpoint to redeem a code that cannot exist, as this client. */
export async function probeTokenEndpoint(
  { attempt, issuer, server, client }: TokenEndpointProbe,
  options: RegistrationRequestOptions,
): Promise<"alive" | "dead" | "unknown"> {
  if (server.token_endpoint === undefined) return "unknown";
  const token_endpoint = checkEndpoint(attempt, server.token_endpoint, issuer, options).href;
  const errors: unknown[] = [];
  for (const authentication of await authenticationsOf(client, server)) {
    const endpoint = { issuer, token_endpoint };
    errors.push(await redeem(attempt, endpoint, client, authentication, options));
  }
  if (errors.includes("invalid_grant")) return "alive";
  const isDead = errors.length > 0 && errors.every((error) => error === "invalid_client");
  return isDead ? "dead" : "unknown";
}

async function redeem(
  attempt: string,
  server: { issuer: string; token_endpoint: string },
  client: ClientInformation,
  authentication: ClientAuth,
  { signal, fetch }: RegistrationRequestOptions,
): Promise<unknown> {
  const oauth = await import("oauth4webapi");
  const parameters = {
    code: `client-store-probe-${crypto.randomUUID()}`,
    code_verifier: oauth.generateRandomCodeVerifier(),
    redirect_uri: client.redirect_uris?.[0] ?? "http://127.0.0.1/callback",
  };
  const request = () =>
    oauth.genericTokenEndpointRequest(
      server,
      client as Client,
      authentication,
      "authorization_code",
      parameters,
      {
        // Which http is allowed has been checked already, more strictly.
        [oauth.allowInsecureRequests]: true,
        ...(signal && { signal }),
        ...(fetch && {
          [oauth.customFetch]: (url: string, init: unknown) => fetch(url, init as RequestInit),
        }),
      },
    );
  const response = await send(attempt, request, signal);
  const { text } = await send(attempt, () => readBody(response, signal), signal);
  const body = parseJson(text);
  const isRefusal = response.status === 400 || response.status === 401;
  return isRefusal && isObject(body) ? body.error : undefined;
}

/** How the client may authenticate: where it is not known, in any way that the server takes. */
async function authenticationsOf(
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
