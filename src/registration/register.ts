import * as oauth from "oauth4webapi";
import type { ClientInformation } from "../core/client_information.ts";
import { checkIssuer, quote } from "../core/issuer.ts";
import { isObject } from "../core/json.ts";
import { RegistrationError } from "../core/registration_error.ts";
import {
  checkEndpoint,
  readClient,
  refusal,
  type RegistrationRequestOptions,
  send,
} from "./request.ts";

/** How to register. */
export interface RegisterOptions extends RegistrationRequestOptions {
  /**
   * The token that a protected registration endpoint asks for
   * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3 | RFC 7591, section 3}).
   */
  initialAccessToken?: string;
}

/**
 * Registers a client, and returns the server's whole answer: the callback of `getOrRegister`.
 *
 * The endpoint is discovered by
 * {@link https://www.rfc-editor.org/rfc/rfc8414#section-3 | RFC 8414, section 3}, else by OpenID
 * Connect discovery; the discovered issuer must be the one that was asked for.
 *
 * @param issuer The issuer identifier: https, or http on this machine.
 * @param clientMetadata What to register
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591, section 2}).
 * @param options A `signal`, an `initialAccessToken`, a `fetch`.
 * @returns The client information response, verbatim.
 * @throws {TypeError} If `issuer` is no issuer identifier, `clientMetadata` no object that JSON can
 * hold, or `initialAccessToken` no token.
 * @throws {RegistrationError} If the server cannot be reached, registers nobody, or refuses; with the
 * server's `error` and `error_description`.
 *
 * @example Register once, whoever asks
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 * import { register } from "@oauth2/client-store/registration";
 * import { assertEquals } from "@std/assert";
 *
 * const issuer = "https://auth.example";
 * const fetch = (url: string) =>
 *   Promise.resolve(Response.json(
 *     url.includes(".well-known")
 *       ? { issuer, registration_endpoint: "https://auth.example/register" }
 *       : { client_id: "abc123" },
 *     { status: url.includes(".well-known") ? 200 : 201 },
 *   ));
 * const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * const metadata = { redirect_uris: ["http://127.0.0.1/callback"] };
 * const client = await store.getOrRegister(
 *   issuer,
 *   (options) => register(issuer, metadata, { fetch, ...options }),
 * );
 * assertEquals(client.client_id, "abc123");
 * ```
 */
export async function register(
  issuer: string,
  clientMetadata: Record<string, unknown>,
  options: RegisterOptions = {},
): Promise<ClientInformation> {
  checkIssuer(issuer, "Cannot register client");
  const attempt = `Cannot register client for issuer ${quote(issuer)}`;
  checkMetadata(attempt, clientMetadata);
  if (options.initialAccessToken !== undefined && !/^[!-~]+$/.test(options.initialAccessToken)) {
    throw new TypeError(`${attempt}: initialAccessToken must be visible ASCII characters`);
  }
  checkEndpoint(attempt, issuer, options);
  const server = await discover(attempt, issuer, options);
  if (server.registration_endpoint === undefined) {
    throw new RegistrationError(
      `${attempt}: the server has no registration_endpoint: ask its operator for a client_id`,
    );
  }
  checkEndpoint(attempt, server.registration_endpoint, options);
  const { initialAccessToken, signal } = options;
  const request = () =>
    oauth.dynamicClientRegistrationRequest(server, clientMetadata as Partial<oauth.Client>, {
      ...requestOptions(options),
      ...(initialAccessToken !== undefined && { initialAccessToken }),
    });
  const response = await send(attempt, request, signal);
  // RFC 7591 says 201; servers that answer 200 have registered the client as well.
  if (response.status === 201 || response.status === 200) {
    return await readClient(attempt, response, signal);
  }
  throw await refusal(attempt, response, initialAccessToken, signal);
}

function checkMetadata(attempt: string, clientMetadata: unknown): void {
  if (!isObject(clientMetadata)) {
    throw new TypeError(`${attempt}: clientMetadata must be an object`);
  }
  try {
    JSON.stringify(clientMetadata);
  } catch {
    throw new TypeError(`${attempt}: clientMetadata must hold no cycles and no BigInt members`);
  }
}

async function discover(
  attempt: string,
  issuer: string,
  options: RegisterOptions,
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  let status = 0;
  for (const algorithm of ["oauth2", "oidc"] as const) {
    const request = () => oauth.discoveryRequest(url, { algorithm, ...requestOptions(options) });
    const response = await send(attempt, request, options.signal);
    status = response.status;
    if (status !== 200) continue;
    try {
      return await oauth.processDiscoveryResponse(url, response);
    } catch (error) {
      options.signal?.throwIfAborted();
      if ((error as { code?: unknown }).code !== oauth.JSON_ATTRIBUTE_COMPARISON) continue;
      const named = quote(((error as Error).cause as { body: { issuer: string } }).body.issuer);
      throw new RegistrationError(
        `${attempt}: the discovered metadata is of another issuer: if you trust it, use ${named}`,
      );
    }
  }
  throw new RegistrationError(
    `${attempt}: the server publishes no metadata (status ${status}): check the issuer`,
    { status },
  );
}

function requestOptions(
  { signal, fetch }: RegisterOptions,
): oauth.HttpRequestOptions<"GET"> & oauth.HttpRequestOptions<"POST", string> {
  return {
    // Which http is allowed has been checked already, more strictly.
    [oauth.allowInsecureRequests]: true,
    ...(signal && { signal }),
    ...(fetch &&
      { [oauth.customFetch]: (url: string, init: unknown) => fetch(url, init as RequestInit) }),
  };
}
