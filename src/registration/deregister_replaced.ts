import type { ClientStore, ReplacedClient } from "../core/client_store.ts";
import { checkMembers, type MembersOf } from "../core/client_store_error.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { deregister, type Deregistration } from "./client_configuration.ts";
import type { RegistrationRequestOptions } from "./request.ts";
import { registrationOf } from "./through_store.ts";

/** What became of one replaced client. */
export interface DeregisteredClient {
  /** The issuer it was registered with. */
  issuer: string;
  /** Its identifier. */
  client_id: string;
  /** What the server did, or why it could not be asked. */
  outcome: Deregistration | RegistrationError;
}

const OPTIONS: MembersOf<RegistrationRequestOptions> = {
  signal: true,
  fetch: true,
  dangerouslyAllowInsecureRequests: true,
};

/** What is noted of a replaced client that its server has not deleted. */
const NOTE = "deregistration";

/**
 * Deletes at their servers all clients that the store has replaced, and forgets those that are gone.
 *
 * A client whose server does not take its token (401) stays in the ledger for the next time, for that
 * is no proof that it is gone; so does one whose server does not answer. One that its server will not
 * delete (405), or that has no usable management URI, stays and is not tried again
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
 * console.log(gone?.client_id, gone?.outcome); // Prints: old deleted
 * console.log((await store.replaced()).length); // Prints: 0
 * ```
 */
export async function deregisterReplaced(
  store: ClientStore,
  options: RegistrationRequestOptions = {},
): Promise<DeregisteredClient[]> {
  checkMembers(options, OPTIONS, "Cannot deregister replaced clients");
  const results: DeregisteredClient[] = [];
  for (const replaced of await store.replaced()) {
    const { issuer, client: { client_id } } = replaced;
    const known = await registrationOf(replaced.client, store, issuer);
    const isRefused = known?.notes?.[NOTE] === "not supported";
    const outcome = isRefused ? "not supported" : await outcomeOf(replaced, options);
    results.push({ issuer, client_id, outcome });
    if (outcome === "deleted" || outcome === "not found") {
      // At once: whatever happens to the next one, this one is gone.
      await store.forgetReplaced([replaced]);
    } else if (typeof outcome === "string" && known && known.notes?.[NOTE] !== outcome) {
      await store.amend(issuer, { client_id }, { notes: { [NOTE]: outcome } });
    }
  }
  return results;
}

async function outcomeOf(
  { issuer, client }: ReplacedClient,
  options: RegistrationRequestOptions,
): Promise<Deregistration | RegistrationError> {
  try {
    return await deregister(client, { ...options, issuer });
  } catch (error) {
    if (error instanceof RegistrationError) return error;
    // A token that no header can hold: it cannot be sent, now or ever.
    if (error instanceof TypeError) return new RegistrationError(error.message);
    throw error;
  }
}
