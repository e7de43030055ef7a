import type { ClientInformation } from "../core/client_information.ts";
import {
  checkEndpoint,
  readClient,
  refusal,
  type RegistrationRequestOptions,
  send,
} from "./request.ts";

export type { RegistrationRequestOptions };

/**
 * What became of a client: `"deleted"` (204), `"unauthorized"` (401: the token is not, or no longer,
 * valid, as for a client that is gone), `"not found"` (404) or `"not supported"` (405).
 */
export type Deregistration = "deleted" | "unauthorized" | "not found" | "not supported";

const OUTCOMES: { [status: number]: Deregistration } = {
  200: "deleted",
  204: "deleted",
  401: "unauthorized",
  404: "not found",
  405: "not supported",
};

/**
 * Deletes a client at its server
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.3 | RFC 7592, section 2.3}).
 *
 * @param client A client with `registration_client_uri` and `registration_access_token`.
 * @param options A `signal`, a `fetch`.
 * @returns What became of it.
 * @throws {TypeError} If the client has no management data.
 * @throws {RegistrationError} If the server cannot be reached, or answers anything else.
 *
 * @example Delete a client
 * ```ts
 * import { deregister } from "@oauth2/client-store/registration";
 * import { assertEquals } from "@std/assert";
 *
 * const client = {
 *   client_id: "abc123",
 *   registration_client_uri: "https://auth.example/register/abc123",
 *   registration_access_token: "t0ken",
 * };
 * const fetch = () => Promise.resolve(new Response(null, { status: 204 }));
 * assertEquals(await deregister(client, { fetch }), "deleted");
 * ```
 */
export async function deregister(
  client: ClientInformation,
  options: RegistrationRequestOptions = {},
): Promise<Deregistration> {
  const attempt = "Cannot deregister client";
  const response = await manage(attempt, "DELETE", client, options);
  const outcome = OUTCOMES[response.status];
  if (outcome === undefined) {
    throw await refusal(attempt, response, client.registration_access_token, options.signal);
  }
  await response.body?.cancel();
  return outcome;
}

/**
 * Reads what the server knows of a client
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.1 | RFC 7592, section 2.1}).
 *
 * @param client A client with `registration_client_uri` and `registration_access_token`.
 * @param options A `signal`, a `fetch`.
 * @returns The client information response, verbatim; the server may have issued a new token with it.
 * @throws {TypeError} If the client has no management data.
 * @throws {RegistrationError} If the server refuses: `status` tells 401 (token not valid, or client
 * gone), 404 (no such client) and 405 (not supported) apart; or if it cannot be reached.
 *
 * @example Read a registration
 * ```ts
 * import { readRegistration } from "@oauth2/client-store/registration";
 * import { assertEquals } from "@std/assert";
 *
 * const client = {
 *   client_id: "abc123",
 *   registration_client_uri: "https://auth.example/register/abc123",
 *   registration_access_token: "t0ken",
 * };
 * const fetch = () => Promise.resolve(Response.json({ ...client, scope: "read" }));
 * assertEquals((await readRegistration(client, { fetch })).scope, "read");
 * ```
 */
export async function readRegistration(
  client: ClientInformation,
  options: RegistrationRequestOptions = {},
): Promise<ClientInformation> {
  const attempt = "Cannot read registration";
  const response = await manage(attempt, "GET", client, options);
  if (response.status === 200) return await readClient(attempt, response, options.signal);
  throw await refusal(attempt, response, client.registration_access_token, options.signal);
}

async function manage(
  attempt: string,
  method: "GET" | "DELETE",
  client: ClientInformation,
  options: RegistrationRequestOptions,
): Promise<Response> {
  const { registration_client_uri: uri, registration_access_token: token } = client;
  if (typeof uri !== "string" || typeof token !== "string") {
    throw new TypeError(
      `${attempt}: client must have registration_client_uri and registration_access_token`,
    );
  }
  const url = checkEndpoint(attempt, uri, options).href;
  const { signal, fetch = globalThis.fetch } = options;
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  const init: RequestInit = { method, headers, redirect: "manual", ...(signal && { signal }) };
  return await send(attempt, () => fetch(url, init), signal);
}
