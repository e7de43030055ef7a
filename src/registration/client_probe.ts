import type { AuthorizationServer, Client, ClientAuth } from "oauth4webapi";
import { isObject, parseJson } from "../core/json.ts";
import { readBody } from "./read_body.ts";
import { type RegistrationRequestOptions, send } from "./request.ts";

/** A request whose answer tells whether a server knows a client. */
export interface ClientProbe {
  /** For messages. */
  readonly attempt: string;
  /** The server, with the endpoint that is asked. */
  readonly server: AuthorizationServer;
  readonly client: { readonly client_id: string; readonly redirect_uris?: readonly string[] };
  readonly authentication: ClientAuth;
}

/** Redeems a code that cannot exist; returns the error code of the answer. */
export async function redeem(
  { attempt, server, client, authentication }: ClientProbe,
  options: RegistrationRequestOptions,
): Promise<unknown> {
  const oauth = await import("oauth4webapi");
  const parameters = {
    code: impossible(),
    code_verifier: oauth.generateRandomCodeVerifier(),
    redirect_uri: client.redirect_uris?.[0] ?? "http://127.0.0.1/callback",
  };
  const grant = "authorization_code";
  const how = requestOptions(oauth, options);
  return await errorOf(attempt, options, () =>
    oauth.genericTokenEndpointRequest(
      server,
      client as Client,
      authentication,
      grant,
      parameters,
      how,
    ));
}

/**
 * Revokes a token that cannot exist, which begins with the client
 * ({@link https://www.rfc-editor.org/rfc/rfc7009#section-2.1 | RFC 7009, section 2.1}); returns the
 * error code of the answer.
 */
export async function revoke(
  { attempt, server, client, authentication }: ClientProbe,
  options: RegistrationRequestOptions,
): Promise<unknown> {
  const oauth = await import("oauth4webapi");
  const how = requestOptions(oauth, options);
  return await errorOf(
    attempt,
    options,
    () => oauth.revocationRequest(server, client as Client, authentication, impossible(), how),
  );
}

function impossible(): string {
  return `client-store-probe-${crypto.randomUUID()}`;
}

function requestOptions(
  oauth: typeof import("oauth4webapi"),
  { signal, fetch }: RegistrationRequestOptions,
) {
  return {
    // Which http is allowed has been checked already, more strictly.
    [oauth.allowInsecureRequests]: true,
    ...(signal && { signal }),
    ...(fetch && {
      [oauth.customFetch]: (url: string, init: unknown) => fetch(url, init as RequestInit),
    }),
  };
}

async function errorOf(
  attempt: string,
  { signal }: RegistrationRequestOptions,
  request: () => Promise<Response>,
): Promise<unknown> {
  const response = await send(attempt, request, signal);
  const { text } = await send(attempt, () => readBody(response, signal), signal);
  const body = parseJson(text);
  const isRefusal = response.status === 400 || response.status === 401;
  return isRefusal && isObject(body) ? body.error : undefined;
}
