import { parseJson } from "../core/json.ts";
import { clientAnswer, warnOfMended } from "../core/client_answer.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type { ClientStore } from "../core/client_store.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { withUsableManagement } from "./management_uri.ts";
import { readBody } from "./read_body.ts";
import { refusal } from "./refusal.ts";
import { checkEndpoint, type RegistrationRequestOptions, send } from "./request.ts";
import { checkToken } from "./token.ts";

/** How a registered client is managed. */
export interface ManagementOptions extends RegistrationRequestOptions {
  /**
   * The issuer of the client: it must not send us nearer to this machine than it is itself. Without it
   * the client is taken to be the caller's own word.
   */
  issuer?: string;
  /**
   * The store that has the client, together with `issuer`: what is known there counts, and what the
   * server answers is kept there at once. Servers that issue a new registration access token with every
   * answer take the one before no more.
   */
  store?: ClientStore;
  /** Hears of members of the answer that make no sense; `console.warn` unless given. */
  warn?: (message: string) => void;
}

/** A request to the client configuration endpoint. */
export interface ManagementRequest {
  /** For messages. */
  readonly attempt: string;
  readonly method: "GET" | "PUT" | "DELETE";
  readonly client: ClientInformation;
  readonly body?: Record<string, unknown>;
}

/**
 * Sends a request to the client configuration endpoint
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2 | RFC 7592, section 2}).
 */
export async function manage(
  { attempt, method, client, body }: ManagementRequest,
  options: ManagementOptions,
): Promise<Response> {
  const { registration_client_uri: uri, registration_access_token: token } = client;
  if (typeof uri !== "string" || typeof token !== "string") {
    throw new TypeError(
      `${attempt}: client must have registration_client_uri and registration_access_token`,
    );
  }
  const url = checkEndpoint(attempt, uri, options.issuer, options).href;
  checkToken(attempt, "registration_access_token", token);
  const { signal, fetch = globalThis.fetch } = options;
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${token}`,
    ...(body && { "content-type": "application/json" }),
  };
  const init: RequestInit = {
    method,
    headers,
    redirect: "manual",
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
  return await send(attempt, () => fetch(url, init), signal, url);
}

/** The error of an answer of the client configuration endpoint. */
export async function managementRefusal(
  { attempt, client }: ManagementRequest,
  response: Response,
  { signal }: ManagementOptions,
): Promise<RegistrationError> {
  const { registration_client_uri: url = "", registration_access_token, client_secret } = client;
  return await refusal(attempt, response, {
    url,
    secrets: [registration_access_token, client_secret],
    signal,
  });
}

/** The client of an answer of the client configuration endpoint. */
export async function answeredClient(
  { attempt, client }: ManagementRequest,
  response: Response,
  options: ManagementOptions,
): Promise<ClientInformation> {
  const { signal, warn = console.warn } = options;
  const { status } = response;
  const { text, isWhole } = await send(attempt, () => readBody(response, signal), signal);
  const answer = isWhole ? clientAnswer(parseJson(text)) : undefined;
  if (!answer || answer.client.client_id !== client.client_id) {
    const what = !isWhole
      ? "with more than 1 MB"
      : answer
      ? "with another client_id"
      : "without a client_id";
    throw new RegistrationError(`${attempt}: the server answered ${what}`, { status });
  }
  const uri = client.registration_client_uri ?? "";
  const issuer = options.issuer ?? uri;
  const usable = withUsableManagement(answer, uri, issuer, options);
  warnOfMended(usable, options.issuer ?? new URL(uri).origin, warn);
  return usable.client;
}
