import type { ClientInformation } from "../core/client_information.ts";
import { checkMembers, type MembersOf } from "../core/client_store_error.ts";
import { checkIssuer, quote } from "../core/issuer.ts";
import { isObject } from "../core/json.ts";
import type { JudgeOptions, ServerMetadata } from "./metadata_document.ts";
import type { RegistrationRequestOptions } from "./request.ts";
import { checkToken } from "./token.ts";

/** How to register. */
export interface RegisterOptions extends RegistrationRequestOptions, JudgeOptions {
  /**
   * The token that a protected registration endpoint asks for
   * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3 | RFC 7591, section 3}). It goes to the
   * origin of the issuer only, and no redirect is followed with it.
   */
  initialAccessToken?: string;
  /** Another origin that may get the token: where the server says that it registers clients. */
  initialAccessTokenOrigin?: string;
  /** Hears of members of the answer that make no sense; `console.warn` unless given. */
  warn?: (message: string) => void;
}

/** The members of {@linkcode RegisterOptions}. */
export const REGISTER: MembersOf<RegisterOptions> = {
  signal: true,
  fetch: true,
  warn: true,
  initialAccessToken: true,
  initialAccessTokenOrigin: true,
  dangerouslyAcceptIssuer: true,
  dangerouslyAllowInsecureRequests: true,
};

/**
 * Registers a client, and returns the server's whole answer: the callback of `getOrRegister`.
 *
 * The endpoint is discovered by
 * {@link https://www.rfc-editor.org/rfc/rfc8414#section-3 | RFC 8414, section 3}, else by OpenID
 * Connect discovery; the discovered issuer must be the one that was asked for. Where the answer names
 * a client, it is taken: members without sense are mended or left out, and `warn` hears which.
 *
 * @param issuer The issuer identifier: https, or http on this machine.
 * @param clientMetadata What to register
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591, section 2}). Without
 * `grant_types` and `response_types` the server assumes `["authorization_code"]` and `["code"]`,
 * without `token_endpoint_auth_method` `"client_secret_basic"`. Without `application_type` it is sent
 * `"native"` where every redirect URI is on this machine or of a private-use scheme, else `"web"`; if
 * the server refuses that one, the other one is tried.
 * @param options A `signal`, an `initialAccessToken`, a `fetch`.
 * @returns The client information response.
 * @throws {TypeError} If `issuer` is no issuer identifier, `clientMetadata` no object that JSON can
 * hold, or `initialAccessToken` no token.
 * @throws {RegistrationError} If the server cannot be reached, registers nobody, or refuses; with the
 * server's `error` and `error_description`, and with `retryAfter` where it says when to come back.
 *
 * @example Register once, whoever asks
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 * import { register } from "@oauth2/client-store/registration";
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
 * console.log(client.client_id); // Prints: abc123
 * ```
 */
export async function register(
  issuer: string,
  clientMetadata: Record<string, unknown>,
  options: RegisterOptions = {},
): Promise<ClientInformation> {
  checkMembers(options, REGISTER, "Cannot register client");
  const attempt = checkRegistration(issuer, clientMetadata, options);
  // What finds its client in the store does without what asks a server: that is loaded here.
  const { discover } = await import("./discovery.ts");
  const server = await discover(attempt, issuer, {
    ...options,
    endpoint: "registration_endpoint",
  });
  return await registerAt(server, issuer, clientMetadata, options);
}

/** Registers a client at a server that was discovered. */
export async function registerAt(
  server: ServerMetadata,
  issuer: string,
  clientMetadata: Record<string, unknown>,
  options: RegisterOptions,
): Promise<ClientInformation> {
  const attempt = checkRegistration(issuer, clientMetadata, options);
  const { requestRegistration } = await import("./registration_request.ts");
  return await requestRegistration({ attempt, issuer, server, clientMetadata }, options);
}

/** Checks what is to be registered before anything is sent; returns the attempt, for messages. */
export function checkRegistration(
  issuer: string,
  clientMetadata: unknown,
  { initialAccessToken, initialAccessTokenOrigin }: RegisterOptions,
): string {
  checkIssuer(issuer, "Cannot register client");
  const attempt = `Cannot register client for issuer ${quote(issuer)}`;
  if (!isObject(clientMetadata)) {
    throw new TypeError(`${attempt}: clientMetadata must be an object`);
  }
  try {
    JSON.stringify(clientMetadata);
  } catch {
    throw new TypeError(`${attempt}: clientMetadata must hold no cycles and no BigInt members`);
  }
  if (initialAccessToken !== undefined) {
    checkToken(attempt, "initialAccessToken", initialAccessToken);
  }
  if (initialAccessTokenOrigin !== undefined && !URL.canParse(initialAccessTokenOrigin)) {
    throw new TypeError(`${attempt}: initialAccessTokenOrigin must be the URL of an origin`);
  }
  return attempt;
}
