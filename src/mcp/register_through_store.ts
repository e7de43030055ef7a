import type { ClientInformation } from "../core/client_information.ts";
import type { ClientStore } from "../core/client_store.ts";
import type { Fit } from "../core/fit.ts";
import { quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { mayLeadTo } from "../core/addresses.ts";
import { withApplicationType } from "../registration/application_type.ts";
import { isRefusedForItsType } from "../registration/registration_request.ts";
import type { AuthorizationServer } from "./authorization_server.ts";
import { requestedIn } from "./client_choice.ts";
import type { FetchLike } from "./oauth_client_provider.ts";
import { NotRegistered, registeredClient } from "./registration_answer.ts";
import { noteTokenOrigin } from "./token_origin.ts";

/** A registration request of the SDK, or one for a scope that the SDK tells of too late. */
export interface RegistrationRequest {
  readonly server: AuthorizationServer;
  /** What to register. */
  readonly metadata: Record<string, unknown>;
  /** Makes the request with another body. */
  readonly init: RequestInit;
  readonly fetch: FetchLike;
  /** Asks although the server has refused. */
  readonly retry: boolean | undefined;
}

/**
 * The client that the store has for a request, or that the server registers.
 *
 * @throws {NotRegistered} If it registers none.
 */
export async function registerThroughStore(
  store: ClientStore,
  fit: Fit,
  request: RegistrationRequest,
): Promise<ClientInformation> {
  const { server, retry, init: { signal } } = request;
  checkEndpoint(server);
  const scope = joinedScope(fit.scope, request.metadata.scope);
  const metadata = { ...request.metadata, ...(scope !== undefined && { scope }) };
  const client = await store.getOrRegister(server.issuer, () => register(request, metadata), {
    ...fit,
    ...(scope !== undefined && { scope }),
    requested: requestedIn(withApplicationType(metadata)),
    ...(signal && { signal }),
    ...(retry !== undefined && { retry }),
  });
  await noteTokenOrigin(store, server, client);
  return client;
}

async function register(
  request: RegistrationRequest,
  metadata: Record<string, unknown>,
): Promise<ClientInformation> {
  const typed = withApplicationType(metadata);
  const { server: { issuer, registrationEndpoint = "" }, init } = request;
  const attempt = `Cannot register client for issuer ${quote(issuer)}`;
  const post = async (body: object) => {
    const response = await send(request, body);
    const secrets = [metadata.software_statement];
    return await registeredClient(attempt, registrationEndpoint, response, {
      secrets,
      signal: init.signal ?? undefined,
    });
  };
  try {
    return await post(typed);
  } catch (error) {
    const isForItsType = error instanceof NotRegistered && isRefusedForItsType(error);
    if (!isForItsType || typed === metadata) throw error;
  }
  return await post(metadata); // as the SDK would have sent it
}

/** Sends the request, and once more where the same origin says that the endpoint has moved. */
async function send(
  { server, init, fetch }: RegistrationRequest,
  metadata: object,
): Promise<Response> {
  const url = server.registrationEndpoint ?? "";
  // Another server may not register for this one: what it answers would be given to this one.
  const options: RequestInit = { ...init, body: JSON.stringify(metadata), redirect: "manual" };
  const response = await fetch(url, options);
  const location = response.headers.get("location");
  const isMoved = (response.status === 307 || response.status === 308) && location !== null &&
    URL.canParse(location, url) && new URL(location, url).origin === new URL(url).origin;
  if (!isMoved) return response;
  response.body?.cancel().catch(() => {});
  return await fetch(new URL(location, url).href, options);
}

/**
 * Refuses an endpoint of another server: the secret that it gives would go to the token endpoint of
 * this one.
 *
 * @throws {RegistrationError} If it is that.
 */
export function checkEndpoint(
  { issuer, registrationEndpoint = "", tokenEndpoint }: AuthorizationServer,
): void {
  const { origin } = new URL(registrationEndpoint);
  const own = [issuer, tokenEndpoint].filter((url) => url !== undefined)
    .map((url) => new URL(url).origin);
  if (own.includes(origin) && mayLeadTo(new URL(issuer), new URL(registrationEndpoint))) return;
  throw new RegistrationError(
    `Cannot register client for issuer ${quote(issuer)}: its registration endpoint is at ` +
      `${quote(origin)}, and neither the issuer nor its token endpoint is: ` +
      "no client from there is used",
  );
}

/** The values of all these scopes, each once; `undefined` when there is none. */
function joinedScope(...scopes: unknown[]): string | undefined {
  const values = scopes.filter((scope) => typeof scope === "string")
    .flatMap((scope) => scope.split(" "))
    .filter((value) => value !== "");
  return values.length === 0 ? undefined : [...new Set(values)].join(" ");
}
