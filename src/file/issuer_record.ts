import type { JsonValue } from "@std/json/types";
import type { ClientInformation } from "../core/client_information.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import {
  isAlive,
  isSameClient,
  type Registration,
  type Registrations,
  type Source,
  type State,
} from "../core/registrations.ts";

/** What `registered.json` says of one spelling of an issuer. */
export interface Entry {
  readonly issuer: string;
  readonly client: ClientInformation;
}

/** A registration as `registered.metadata.json` keeps it. */
interface RegistrationRecord extends Omit<Registration, "state" | "source"> {
  readonly source?: Source;
  /**
   * What is current is said by `registered.json` alone: of one that we made current, and that is not
   * named there, another program has taken the place. One is leaving that is replaced once those are
   * named that we made current: the rename of `registered.json` commits that, too.
   */
  readonly state?: State | "leaving";
}

/** Tells whether a JSON value is a registration as it is kept. */
export function isRegistrationRecord(value: unknown): value is RegistrationRecord & JsonObject {
  return isObject(value) && typeof value.issuer === "string" && isObject(value.client) &&
    typeof value.client.client_id === "string" && value.client.client_id !== "";
}

/**
 * The registrations of an issuer, from its entries in `registered.json` and its record in
 * `registered.metadata.json`.
 *
 * An entry of which nothing is known is a client of which nothing is known. Where there is none, the
 * user has logged out: nothing is handed out, unless the record says that it was we who removed it.
 */
export function registrationsOf(
  record: JsonValue | undefined,
  entries: readonly Entry[],
): Registrations {
  const { registrations, notes, current } = isObject(record) ? record : {};
  const records = Array.isArray(registrations) ? registrations.filter(isRegistrationRecord) : [];
  const isLoggedOut = entries.length === 0 && current !== null;
  const named = entries.map((entry) => recordOf(entry, records));
  const isCommitted = named.every((known) => known?.state === "current");
  const all = records.map((known): Registration => {
    const { issuer, client, requested, source, state } = known;
    const entry = entries[named.indexOf(known)];
    const isKept = !isLoggedOut && (state === "kept" || state === "leaving" && !isCommitted);
    return {
      issuer,
      client: entry ? merged(client, entry.client) : client,
      source: source === "pre-registered" ? source : "dcr",
      ...(isObject(requested) && { requested }),
      ...(isObject(known.notes) && { notes: known.notes }),
      state: entry ? "current" : isKept ? "kept" : "replaced",
    };
  });
  const unknown = entries.filter((_, n) => !named[n])
    .map(({ issuer, client }): Registration => ({
      issuer,
      client,
      source: "dcr",
      state: "current",
    }));
  return { all: [...all, ...unknown], notes: isObject(notes) ? notes : {} };
}

/**
 * The record to keep of an issuer; `undefined` where there is nothing that its entries do not say.
 *
 * `before` is what the files say now: until `registered.json` is renamed, which commits the change,
 * the new record must still say what is handed out by the old entries. Where these are none at all,
 * that takes another record once it `isCommitted`: see {@linkcode hasNoneNamed}.
 */
export function issuerRecord(
  value: Registrations,
  before: Registrations,
  standing: JsonValue | undefined,
  isCommitted = false,
): JsonObject | undefined {
  const record: JsonObject = isObject(standing) ? standing : { registrations: standing };
  const { registrations = [], notes: _, current: __, ...rest } = record;
  // What we do not understand is not ours to drop.
  const odd = [registrations].flat().filter((one) => !isRegistrationRecord(one));
  // One that was current is what its entry says until that is renamed away.
  const isLeaving = (one: Registration) =>
    !isAlive(one) && before.all.some((other) => other.state === "kept" && isSameClient(one, other));
  const isChanging = value.all.some(isLeaving);
  const isKnown = (one: Registration) =>
    !isPlain(one) || isChanging && one.state === "current" ||
    value.all.some((other) => other !== one && isSameClient(other, one));
  const known = value.all.filter(isKnown).map((one) => {
    const state = isLeaving(one) ? "leaving" : one.state;
    return { ...one, state } as unknown as JsonObject;
  });
  const isOurs = hasNoneNamed(value) || hasNoneNamed(before) && !isCommitted;
  const kept: JsonObject = {
    ...(odd.length + known.length > 0 && { registrations: [...odd, ...known] }),
    ...(Object.keys(value.notes).length > 0 && { notes: { ...value.notes } }),
    ...(isOurs && { current: null }),
    ...rest,
  };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/**
 * Tells whether clients are handed out of which `registered.json` names none, because it was we who
 * removed the one that it named: only the record says that nobody has logged out.
 */
export function hasNoneNamed({ all }: Registrations): boolean {
  return all.some(isAlive) && !all.some(({ state }) => state === "current");
}

/** The record that is of the client of an entry: of this secret, or else of this `client_id`. */
function recordOf(
  { issuer, client }: Entry,
  records: readonly (RegistrationRecord & JsonObject)[],
) {
  const found = records.filter((one) =>
    one.issuer === issuer && one.client.client_id === client.client_id
  );
  return found.findLast((one) =>
    (one.client.client_secret ?? undefined) === client.client_secret
  ) ??
    found.at(-1);
}

/** What is known of a client, with the secret that its entry says. */
function merged(client: ClientInformation, entry: ClientInformation): ClientInformation {
  const { client_secret: _, ...members } = client;
  return { ...members, ...entry };
}

/** Tells whether an entry says all that there is to say, or would if there were one. */
function isPlain({ client, source, requested, notes, state }: Registration): boolean {
  const isMore = Object.keys(client).some((member) =>
    member !== "client_id" && member !== "client_secret"
  );
  return state !== "kept" && source === "dcr" && !requested && !notes && !isMore;
}
