import type { ClientInformation } from "../core/client_information.ts";
import { RegistrationError } from "../core/registration_error.ts";
import type { Registration } from "../core/registrations.ts";
import { inTurn } from "./in_turn.ts";
import type { ManagementOptions } from "./managed_client.ts";

/**
 * Asks a server about a client, and keeps the answer in the store that has it, if one is given: before
 * anything else can happen, for the token of before may be worth nothing any more.
 */
export async function throughStore(
  attempt: string,
  client: ClientInformation,
  { store, issuer, signal }: ManagementOptions,
  ask: (known: ClientInformation) => Promise<ClientInformation>,
): Promise<ClientInformation> {
  if (!store) return await ask(client);
  if (issuer === undefined) throw new TypeError(`${attempt}: store is given without issuer`);
  // Callers that start together would else burn each other's token.
  return await inTurn(`${issuer} ${client.client_id}`, signal, async () => {
    const known = async () => (await registrationOf(client, store, issuer))?.client ?? client;
    const first = await known();
    let answer: ClientInformation;
    try {
      answer = await ask(first);
    } catch (error) {
      // Another process may have been given a new token meanwhile.
      const second = await known();
      const isStale = error instanceof RegistrationError && error.status === 401 &&
        second.registration_access_token !== first.registration_access_token;
      if (!isStale) throw error;
      signal?.throwIfAborted();
      answer = await ask(second);
    }
    await store.amend(issuer, answer);
    return answer;
  });
}

/** What the store knows of a client: the living one, else the newest of that name. */
export async function registrationOf(
  { client_id }: { client_id: string },
  store: NonNullable<ManagementOptions["store"]>,
  issuer: string,
): Promise<Registration | undefined> {
  const { all } = await store.registrations(issuer);
  const found = all.filter(({ client }) => client.client_id === client_id);
  return found.findLast(({ state }) => state !== "replaced") ?? found.at(-1);
}
