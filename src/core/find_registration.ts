import type { ClientInformation } from "./client_information.ts";
import { type Fit, fits } from "./fit.ts";
import { otherSpelling } from "./issuer.ts";
import { isAlive, type Registration, type Registrations } from "./registrations.ts";

/** Passes on a client that may be handed out: one that has not expired. */
export type Usable = (client: ClientInformation) => boolean;

/** The registration that is current under exactly this issuer. */
export function currentOf(value: Registrations, issuer: string): Registration | undefined {
  return value.all.find((one) => one.state === "current" && one.issuer === issuer);
}

/** The client that the user was given for this issuer: no other one may take its place. */
export function preRegisteredOf(value: Registrations): Registration | undefined {
  return value.all.findLast((one) => isAlive(one) && one.source === "pre-registered");
}

/**
 * The registrations that come first, whatever it is for: the one that the user was given, if there is
 * one, or else the current one of this issuer, and of its other spelling.
 */
export function standingOf(value: Registrations, issuer: string): readonly Registration[] {
  const given = preRegisteredOf(value);
  if (given) return [given];
  return [issuer, otherSpelling(issuer)].flatMap((spelling) => currentOf(value, spelling) ?? []);
}

/**
 * The registration to hand out: of those that come first; where `fit` says what it is for and none of
 * them fits, the newest kept one that does.
 */
export function find(
  value: Registrations,
  issuer: string,
  fit: Fit | undefined,
  isUsable: Usable,
): Registration | undefined {
  const isGiven = preRegisteredOf(value) !== undefined;
  const kept = fit && !isGiven ? value.all.filter(({ state }) => state === "kept").reverse() : [];
  return [...standingOf(value, issuer), ...kept].find((registration) =>
    isUsable(registration.client) && (!fit || fits(registration, fit))
  );
}

/** The registration with this `client_id`, under either spelling: a living one before others. */
export function withClientId(value: Registrations, client_id: string): Registration | undefined {
  const found = value.all.filter((one) => one.client.client_id === client_id);
  return found.findLast(isAlive) ?? found.at(-1);
}
