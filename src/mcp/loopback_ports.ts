import type { ClientStore } from "../core/client_store.ts";
import { type Fit, serves } from "../core/fit.ts";
import { isAlive, type Registration, type Registrations } from "../core/registrations.ts";

// Servers that compare redirect URIs exactly say so to the browser only. So a client that is used with
// a port that it was not registered with is unproven until tokens come: a login that was begun with it
// and did not end in tokens makes the next one register for the exact URI.

/** The note of a registration: how many logins with another port have not ended in tokens. */
const UNPROVEN = "unproven";
/** The note of an issuer: whether it takes `"any"` port of a loopback address, or the `"exact"` one. */
const PORTS = "loopback_ports";

/** The fit with what is known of how this server compares ports, unless the program says it. */
export function withPorts(fit: Fit, value: Registrations): Fit {
  if (fit.anyLoopbackPort !== undefined) return fit;
  const isExact = value.notes[PORTS] === "exact" || doubted(value).length > 0;
  return isExact ? { ...fit, anyLoopbackPort: false } : fit;
}

/** A login, and what it is made with. */
export interface LoginWithPort {
  readonly issuer: string;
  readonly client_id: string;
  readonly redirectUrl: string;
}

/** A login begins: what is not known of its port is noted. */
export async function noteLogin(store: ClientStore, login: LoginWithPort): Promise<void> {
  const { issuer, client_id, redirectUrl } = login;
  const { registration, value } = await read(store, login);
  if (!registration || isExact(registration, redirectUrl)) return;
  if (doubted(value).includes(registration)) return;
  const notes = { [UNPROVEN]: unproven(registration) + 1 };
  await store.amend(issuer, { client_id }, { notes });
}

/** Tokens have come: what that tells of the server's ports is noted. */
export async function noteTokens(store: ClientStore, login: LoginWithPort): Promise<void> {
  const { issuer, client_id, redirectUrl } = login;
  const { registration, value } = await read(store, login);
  if (!registration) return;
  const known = value.notes[PORTS];
  if (!isExact(registration, redirectUrl)) {
    if (known !== "any") await store.note(issuer, { [PORTS]: "any" });
    return await forgetLogins(store, issuer, value);
  }
  // The exact one works where the others did not.
  if (!doubted(value).some((one) => one.client.client_id !== client_id)) return;
  if (known === undefined) await store.note(issuer, { [PORTS]: "exact" });
  if (known !== "any") return;
  // The user may have given up as often, so that it has to be seen anew.
  await store.note(issuer, { [PORTS]: undefined });
  await forgetLogins(store, issuer, value);
}

/**
 * The registrations with which so many logins have not ended in tokens that the server seems to take no
 * other port: one will do where nothing is known of it, not where it has taken one before.
 */
function doubted({ all, notes }: Registrations): Registration[] {
  const enough = notes[PORTS] === "any" ? 3 : 1;
  return all.filter((one) => isAlive(one) && unproven(one) >= enough);
}

function unproven({ notes }: Registration): number {
  const count = notes?.[UNPROVEN];
  return typeof count === "number" ? count : 0;
}

async function forgetLogins(store: ClientStore, issuer: string, { all }: Registrations) {
  for (const one of all.filter((one) => unproven(one) > 0)) {
    const { client_id } = one.client;
    await store.amend(issuer, { client_id }, { notes: { [UNPROVEN]: undefined } });
  }
}

function isExact(registration: Registration, redirectUrl: string): boolean {
  return serves(registration, { redirectUris: [redirectUrl], anyLoopbackPort: false });
}

async function read(store: ClientStore, { issuer, client_id }: LoginWithPort) {
  const value = await store.registrations(issuer);
  const registration = value.all.findLast((one) =>
    isAlive(one) && one.source === "dcr" && one.client.client_id === client_id
  );
  return { registration, value };
}
