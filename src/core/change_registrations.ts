import type { ClientInformation } from "./client_information.ts";
import { currentOf } from "./find_registration.ts";
import { purposeOf, serves } from "./fit.ts";
import { otherSpelling } from "./issuer.ts";
import {
  isAlive,
  isDeletable,
  isSameClient,
  MAX_KEPT,
  merged,
  type Notes,
  type Registration,
  type Registrations,
  type Requested,
  type State,
} from "./registrations.ts";

/** A client that is to become the current one. */
export type NewRegistration = Omit<Registration, "state">;

/** What is to change of a client that is known already: what is not named stays. */
export interface Amendment {
  readonly client: ClientInformation;
  readonly requested?: Requested | undefined;
  readonly notes?: Notes | undefined;
}

/**
 * The value with this client as the current one of its issuer. Those that it serves the purpose of are
 * replaced; the others are kept for what they are for.
 */
export function store(
  value: Registrations,
  added: NewRegistration,
  isDead: (client: ClientInformation) => boolean,
): Registrations {
  return withCurrent(
    value,
    added,
    (standing) => isDead(standing.client) || serves(added, purposeOf(standing)),
  );
}

/**
 * The value with a client that was registered because no other one would do: the others are kept for
 * what they are for, unless they are dead.
 */
export function register(
  value: Registrations,
  added: NewRegistration,
  isDead: (client: ClientInformation) => boolean,
): Registrations {
  return withCurrent(value, added, (standing) => isDead(standing.client));
}

/** The value with a client noted that is registered at the server, but not wanted any more. */
export function addReplaced(value: Registrations, added: NewRegistration): Registrations {
  return { ...value, all: [{ ...added, state: "replaced" }, ...value.all] };
}

/**
 * The value without the current client of this issuer, and without those that were kept beside it: the
 * user has logged out. A current one under the other spelling stays, with those of its spelling.
 */
export function logOut(value: Registrations, issuer: string): Registrations {
  const isAlone = !currentOf(value, otherSpelling(issuer));
  return retired(value, (registration) => isAlone || registration.issuer === issuer);
}

/** The value without the client with this `client_id`: others are handed out for what they are for. */
export function remove(value: Registrations, client_id: string): Registrations {
  return retired(value, ({ client }) => client.client_id === client_id);
}

/** The value without a client that the server has rejected; one that the user was given stays. */
export function reject(value: Registrations, client_id: string): Registrations {
  return retired(
    value,
    ({ client, source }) => client.client_id === client_id && source !== "pre-registered",
  );
}

/** The value with more known of the client with this `client_id`, whatever its state. */
export function amend(value: Registrations, amendment: Amendment): Registrations {
  const { client, requested, notes } = amendment;
  const all = value.all.map((registration) => {
    if (registration.client.client_id !== client.client_id) return registration;
    return {
      ...registration,
      client: { ...registration.client, ...client },
      ...(requested && { requested }),
      ...(notes && { notes: merged(registration.notes ?? {}, notes) }),
    };
  });
  return { ...value, all };
}

function withCurrent(
  value: Registrations,
  added: NewRegistration,
  isReplaced: (standing: Registration) => boolean,
): Registrations {
  const before = value.all.flatMap((standing): Registration[] => {
    if (standing.issuer !== added.issuer) return [standing];
    if (standing.client.client_id === added.client.client_id) return superseded(standing, added);
    if (!isAlive(standing)) return [standing];
    return [inState(standing, isReplaced(standing) ? "replaced" : "kept")];
  });
  const { requested = {}, ...rest } = added;
  const isGiven = value.all.some((standing) =>
    isAlive(standing) && isSameClient(standing, added) && standing.source === "pre-registered"
  );
  const current: Registration = {
    ...rest,
    ...(isGiven && { source: "pre-registered" }),
    ...(Object.keys(requested).length > 0 && { requested }),
    state: "current",
  };
  return limited({ ...value, all: [...before, current] });
}

/** What is left of a registration when the same client is stored again. */
function superseded(standing: Registration, added: NewRegistration): Registration[] {
  const isNewer = standing.client.client_secret === added.client.client_secret &&
    (isDeletable(added) || !isDeletable(standing));
  return isNewer ? [] : [inState(standing, "replaced")];
}

function retired(value: Registrations, isGone: (registration: Registration) => boolean) {
  const all = value.all.map((registration) =>
    isAlive(registration) && isGone(registration) ? inState(registration, "replaced") : registration
  );
  return { ...value, all };
}

/** At most so many are kept: the oldest beyond that are replaced. */
function limited(value: Registrations): Registrations {
  const kept = value.all.filter(({ state, source }) =>
    state === "kept" && source !== "pre-registered"
  );
  const over = kept.slice(0, Math.max(0, kept.length - MAX_KEPT));
  if (over.length === 0) return value;
  const all = value.all.map((one) => over.includes(one) ? inState(one, "replaced") : one);
  return { ...value, all };
}

function inState(registration: Registration, state: State): Registration {
  return { ...registration, state };
}
