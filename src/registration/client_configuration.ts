import type { ClientInformation } from "../core/client_information.ts";
import { checkMembers, type MembersOf } from "../core/client_store_error.ts";
import type { ManagementOptions, ManagementRequest } from "./managed_client.ts";
import { throughStore } from "./through_store.ts";

/**
 * What became of a client: `"deleted"` (200, 202, 204), `"unauthorized"` (401: the token is not, or no
 * longer, valid, which is no proof that the client is gone), `"not found"` (404, 410) or
 * `"not supported"` (405).
 */
export type Deregistration = "deleted" | "unauthorized" | "not found" | "not supported";

const OUTCOMES: { [status: number]: Deregistration } = {
  200: "deleted",
  202: "deleted",
  204: "deleted",
  401: "unauthorized",
  404: "not found",
  405: "not supported",
  410: "not found",
};

const OPTIONS: MembersOf<ManagementOptions> = {
  issuer: true,
  store: true,
  signal: true,
  fetch: true,
  warn: true,
  dangerouslyAllowInsecureRequests: true,
};

/**
 * Deletes a client at its server
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.3 | RFC 7592, section 2.3}).
 *
 * @param client A client with `registration_client_uri` and `registration_access_token`.
 * @param options The `issuer`, a `signal`, a `fetch`.
 * @returns What became of it.
 * @throws {TypeError} If the client has no management data, or an option is unknown.
 * @throws {RegistrationError} If the server cannot be reached, or answers anything else.
 *
 * @example Delete a client
 * ```ts
 * import { deregister } from "@oauth2/client-store/registration";
 *
 * const client = {
 *   client_id: "abc123",
 *   registration_client_uri: "https://auth.example/register/abc123",
 *   registration_access_token: "t0ken",
 * };
 * const fetch = () => Promise.resolve(new Response(null, { status: 204 }));
 * console.log(await deregister(client, { fetch })); // Prints: deleted
 * ```
 */
export async function deregister(
  client: ClientInformation,
  options: ManagementOptions = {},
): Promise<Deregistration> {
  const attempt = "Cannot deregister client";
  checkMembers(options, OPTIONS, attempt);
  const request: ManagementRequest = { attempt, method: "DELETE", client };
  const { manage, managementRefusal } = await import("./managed_client.ts");
  const response = await manage(request, options);
  const outcome = OUTCOMES[response.status];
  if (outcome === undefined) throw await managementRefusal(request, response, options);
  await response.body?.cancel();
  return outcome;
}

/**
 * Reads what the server knows of a client
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.1 | RFC 7592, section 2.1}).
 *
 * @param client A client with `registration_client_uri` and `registration_access_token`.
 * @param options The `issuer`, and the `store` that is to keep what the server answers: it may have
 * issued a new token with it, and take the one before no more. A `signal`, a `fetch`.
 * @returns The client with all that the server answered; what it left out is as it was before.
 * @throws {TypeError} If the client has no management data, or an option is unknown.
 * @throws {RegistrationError} If the server refuses: `status` tells 401 (token not valid, or client
 * gone), 404 (no such client) and 405 (not supported) apart; or if it cannot be reached.
 *
 * @example Read a registration
 * ```ts
 * import { readRegistration } from "@oauth2/client-store/registration";
 *
 * const client = {
 *   client_id: "abc123",
 *   registration_client_uri: "https://auth.example/register/abc123",
 *   registration_access_token: "t0ken",
 * };
 * const fetch = () => Promise.resolve(Response.json({ client_id: "abc123", scope: "read" }));
 * const read = await readRegistration(client, { fetch });
 * console.log(read.scope, read.registration_access_token); // Prints: read t0ken
 * ```
 */
export async function readRegistration(
  client: ClientInformation,
  options: ManagementOptions = {},
): Promise<ClientInformation> {
  const attempt = "Cannot read registration";
  checkMembers(options, OPTIONS, attempt);
  const { answeredClient, manage, managementRefusal } = await import("./managed_client.ts");
  return await throughStore(attempt, client, options, async (known) => {
    const request: ManagementRequest = { attempt, method: "GET", client: known };
    const response = await manage(request, options);
    if (response.status !== 200) throw await managementRefusal(request, response, options);
    return { ...known, ...await answeredClient(request, response, options) };
  });
}

/** Members of an answer that a request to change it must not send back. */
const NOT_SENT = [
  "registration_access_token",
  "registration_client_uri",
  "client_id_issued_at",
  "client_secret_expires_at",
];

/**
 * Changes the registration of a client at its server
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.2 | RFC 7592, section 2.2}).
 *
 * @param client A client with `registration_client_uri` and `registration_access_token`, and with all
 * that it is registered for: what is not sent, the server takes out of the registration.
 * @param changes The client metadata to change; one that is `undefined` is taken out.
 * @param options As for {@linkcode readRegistration}.
 * @returns The server's answer; its management data and secret are those from before where it tells
 * none.
 * @throws {TypeError} If the client has no management data, or an option is unknown.
 * @throws {RegistrationError} If the server refuses, or cannot be reached.
 *
 * @example Use another redirect URI
 * ```ts
 * import { updateRegistration } from "@oauth2/client-store/registration";
 *
 * const client = {
 *   client_id: "abc123",
 *   redirect_uris: ["http://127.0.0.1/old"],
 *   registration_client_uri: "https://auth.example/register/abc123",
 *   registration_access_token: "t0ken",
 * };
 * const fetch = (_url: string, init?: RequestInit) =>
 *   Promise.resolve(Response.json(JSON.parse(String(init?.body))));
 * const redirect_uris = ["http://127.0.0.1/new"];
 * const updated = await updateRegistration(client, { redirect_uris }, { fetch });
 * console.log(updated.redirect_uris?.[0]); // Prints: http://127.0.0.1/new
 * ```
 */
export async function updateRegistration(
  client: ClientInformation,
  changes: Record<string, unknown>,
  options: ManagementOptions = {},
): Promise<ClientInformation> {
  const attempt = "Cannot update registration";
  checkMembers(options, OPTIONS, attempt);
  const { answeredClient, manage, managementRefusal } = await import("./managed_client.ts");
  return await throughStore(attempt, client, options, async (known) => {
    const { client_id } = known;
    const body: Record<string, unknown> = { ...known, ...changes, client_id };
    for (const member of NOT_SENT) delete body[member];
    const request: ManagementRequest = { attempt, method: "PUT", client: known, body };
    const response = await manage(request, options);
    if (!response.ok) throw await managementRefusal(request, response, options);
    const answer = await answeredClient(request, response, options);
    return { ...keptBy(known, answer), ...answer };
  });
}

/** What stays as it was where the server does not tell it. */
function keptBy(known: ClientInformation, answer: ClientInformation): Partial<ClientInformation> {
  const { client_secret, client_secret_expires_at } = known;
  const kept: Partial<ClientInformation> = {};
  for (const member of NOT_SENT.slice(0, 3)) {
    if (known[member] !== undefined) kept[member] = known[member];
  }
  // A public client has no secret, whatever it had before.
  if (client_secret === undefined || answer.token_endpoint_auth_method === "none") return kept;
  kept.client_secret = client_secret;
  const isNew = answer.client_secret !== undefined && answer.client_secret !== client_secret;
  if (client_secret_expires_at !== undefined && !isNew) {
    kept.client_secret_expires_at = client_secret_expires_at;
  }
  return kept;
}
