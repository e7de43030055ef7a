import type { ClientStore, ReplacedClient } from "../core/client_store.ts";
import { deregister, type Deregistration } from "./client_configuration.ts";
import { RegistrationError } from "../core/registration_error.ts";
import type { RegistrationRequestOptions } from "./request.ts";

/** What became of one replaced client. */
export interface DeregisteredClient {
  /** The issuer it was registered with. */
  issuer: string;
  /** Its identifier. */
  client_id: string;
  /** What the server did, or why it could not be asked. */
  outcome: Deregistration | RegistrationError;
}

/**
 * Deletes at their servers all clients that the store has replaced, and forgets those that are gone.
 *
 * A client that its server will not delete (405), or whose server does not answer, stays in the
 * ledger for the next time
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.3 | RFC 7592, section 2.3}).
 *
 * @param store The store whose replaced clients to delete.
 * @param options A `signal`, a `fetch`.
 * @returns What became of each.
 * @throws {ClientStoreError} If the store cannot be read or written.
 *
 * @example Leave no orphans
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 * import { deregisterReplaced } from "@oauth2/client-store/registration";
 * import { assertEquals } from "@std/assert";
 *
 * const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * await store.store("https://auth.example", {
 *   client_id: "old",
 *   registration_client_uri: "https://auth.example/register/old",
 *   registration_access_token: "t0ken",
 * });
 * await store.store("https://auth.example", { client_id: "new" });
 * const fetch = () => Promise.resolve(new Response(null, { status: 204 }));
 * const [gone] = await deregisterReplaced(store, { fetch });
 * assertEquals([gone?.client_id, gone?.outcome], ["old", "deleted"]);
 * assertEquals(await store.replaced(), []);
 * ```
 */
export async function deregisterReplaced(
  store: ClientStore,
  options: RegistrationRequestOptions = {},
): Promise<DeregisteredClient[]> {
  const results: DeregisteredClient[] = [];
  const gone: ReplacedClient[] = [];
  for (const replaced of await store.replaced()) {
    const { issuer, client } = replaced;
    const outcome = await outcomeOf(client, options);
    results.push({ issuer, client_id: client.client_id, outcome });
    if (typeof outcome === "string" && outcome !== "not supported") gone.push(replaced);
  }
  await store.forgetReplaced(gone);
  return results;
}

async function outcomeOf(
  client: ReplacedClient["client"],
  options: RegistrationRequestOptions,
): Promise<Deregistration | RegistrationError> {
  try {
    return await deregister(client, options);
  } catch (error) {
    if (error instanceof RegistrationError) return error;
    throw error;
  }
}
