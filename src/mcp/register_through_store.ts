import type { ClientInformation } from "../core/client_information.ts";
import type { ClientStore } from "../core/client_store.ts";
import { type Fit, fits } from "../core/fit.ts";
import { NotRegistered, parseJson, registeredClient } from "./registration_answer.ts";
import { joinedScope, withRequestedScope } from "./scope.ts";

/** A registration request of the SDK, or one for a scope that the SDK tells of too late. */
export interface RegistrationRequest {
  readonly issuer: string;
  /** The metadata as JSON. */
  readonly body: unknown;
  readonly signal: AbortSignal | null | undefined;
  /** Sends it to the registration endpoint, with another body if one is given. */
  send(body?: string): Promise<Response>;
}

/**
 * The client that the store has for a request, or that the server registers.
 *
 * @throws {NotRegistered} If it registers none.
 */
export async function registerThroughStore(
  store: ClientStore,
  fit: Fit,
  { issuer, body, signal, send }: RegistrationRequest,
): Promise<ClientInformation> {
  const metadata = Object(parseJson(String(body)));
  const scope = joinedScope(fit.scope, metadata.scope);
  const request = async (scope: string | undefined) => {
    const scoped = scope === undefined ? undefined : JSON.stringify({ ...metadata, scope });
    return await registeredClient(await send(scoped));
  };
  const register = async () => {
    const { scope: _, ...rest } = fit;
    const standing = await store.lookup(issuer);
    const known = standing && fits({ client: standing }, rest) ? standing : undefined;
    // Flows that ask for different scopes in turn would else replace each other's client for ever.
    const wider = joinedScope(known?.scope, scope);
    try {
      return withRequestedScope(await request(wider), known, scope);
    } catch (error) {
      if (wider === scope || !(error instanceof NotRegistered)) throw error;
    }
    return withRequestedScope(await request(scope), known, scope);
  };
  return await store.getOrRegister(issuer, register, {
    ...fit,
    ...(scope !== undefined && { scope }),
    ...(signal && { signal }),
  });
}
