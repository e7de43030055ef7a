import type { ClientStore } from "../core/client_store.ts";
import { type Fit, serves } from "../core/fit.ts";
import { isAlive, type Registration, type Registrations } from "../core/registrations.ts";

// Servers that compare redirect URIs exactly say so to the browser only. So a client that is used with
// a port that it was not registered with is unproven until tokens come: a login that was begun with it
// and did not end in tokens makes the next one register for the exact URI.

/** The note of a registration: the redirect URI that a login was begun with, and has not ended yet. */
const UNPROVEN = "unproven";
/** The note of an issuer: whether it takes `"any"` port of a loopback address, or the `"exact"` one. */
const PORTS = "loopback_ports";

/** The fit with what is known of how this server compares ports, unless the program says it. */
export function withPorts(fit: Fit, { all, notes }: Registrations): Fit {
  if (fit.anyLoopbackPort !== undefined || notes[PORTS] === "any") return fit;
  const isExact = notes[PORTS] === "exact" ||
    all.some((one) => isAlive(one) && one.notes?.[UNPROVEN] !== undefined);
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
  if (!registration || value.notes[PORTS] === "any") return;
  if (isExact(registration, redirectUrl) || registration.notes?.[UNPROVEN] !== undefined) return;
  await store.amend(issuer, { client_id }, { notes: { [UNPROVEN]: redirectUrl } });
}

/** Tokens have come: what that tells of the server's ports is noted. */
export async function noteTokens(store: ClientStore, login: LoginWithPort): Promise<void> {
  const { issuer, client_id, redirectUrl } = login;
  const { registration, value } = await read(store, login);
  if (!registration) return;
  const unproven = value.all.filter(({ notes }) => notes?.[UNPROVEN] !== undefined);
  if (isExact(registration, redirectUrl)) {
    // The exact one works where the other did not.
    const isTold = unproven.some((one) => isAlive(one) && one.client.client_id !== client_id);
    if (isTold && value.notes[PORTS] === undefined) await store.note(issuer, { [PORTS]: "exact" });
    return;
  }
  if (value.notes[PORTS] !== "any") await store.note(issuer, { [PORTS]: "any" });
  for (const { client: { client_id } } of unproven) {
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
