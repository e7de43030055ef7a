import type { JsonValue } from "@std/json/types";
import { commonSpelling } from "../core/issuer.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { isRegistrationRecord } from "./issuer_record.ts";
import { type Metadata, parseMetadata } from "./metadata.ts";

const STATES: readonly unknown[] = [undefined, "current", "kept", "replaced", "leaving"];
const SOURCES: readonly unknown[] = [undefined, "dcr", "pre-registered", "cimd"];

/** Tells whether `registered.json` has an entry of an issuer, given in the spelling that stands for both. */
type IsNamed = (issuer: string) => boolean;

/**
 * Tells whether metadata are as we write them: each record under the name of its issuer, each
 * registration of a state and a source that there is. A letter that was changed in one of these costs
 * clients, and no parser finds it.
 */
export function isSound({ issuers }: Metadata, isNamed: IsNamed): boolean {
  return Object.entries(issuers).every(([issuer, record]) => {
    const all = registrationsIn(record);
    return all.every(isPossible) && !isMisfiled(issuer, all, isNamed);
  });
}

/** What is still whole in a damaged text: all that it says, or every line that is a registration. */
export function salvageMetadata(text: string, isNamed: IsNamed): Metadata {
  const whole = text.includes("\uFFFD") ? undefined : parseMetadata(text);
  if (whole && whole !== "unknown") return mended(whole, isNamed);
  const found = new Map<string, JsonObject[]>();
  for (const line of text.split("\n")) {
    const record = parseLine(line);
    if (!isRegistrationRecord(record)) continue;
    const issuer = commonSpelling(record.issuer);
    const before = found.get(issuer);
    if (before) before.push(record);
    else found.set(issuer, [record]);
  }
  const records = Array.from(found, ([issuer, registrations]) => [issuer, { registrations }]);
  return mended({ issuers: Object.fromEntries(records), rest: {} }, isNamed);
}

/**
 * The metadata with each record under the issuer of its registrations, where its name is of nobody.
 * What is of no state that there is is not handed out.
 */
function mended({ issuers, rest }: Metadata, isNamed: IsNamed): Metadata {
  const found = new Map<string, JsonValue | undefined>();
  for (const [issuer, record] of Object.entries(issuers)) {
    const all = registrationsIn(record);
    const [first] = all.filter(isRegistrationRecord);
    const isLost = first && isMisfiled(issuer, all, isNamed);
    const name = isLost ? commonSpelling(first.issuer) : issuer;
    const whole = all.every(isPossible) || !isObject(record)
      ? record
      : { ...record, registrations: all.map(possible) };
    found.set(name, found.has(name) ? both(found.get(name), whole) : whole);
  }
  return { issuers: Object.fromEntries(found), rest };
}

function registrationsIn(record: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  const { registrations } = isObject(record) ? record : {};
  return Array.isArray(registrations) ? registrations : [];
}

/** Tells whether registrations are under a name that neither they nor `registered.json` know. */
function isMisfiled(
  issuer: string,
  all: readonly (JsonValue | undefined)[],
  isNamed: IsNamed,
): boolean {
  const known = all.filter(isRegistrationRecord);
  return known.length > 0 && known.every((one) => commonSpelling(one.issuer) !== issuer) &&
    !isNamed(issuer);
}

function isPossible(one: JsonValue | undefined): boolean {
  return !isRegistrationRecord(one) || STATES.includes(one.state) && SOURCES.includes(one.source);
}

function possible(one: JsonValue | undefined): JsonValue {
  if (!isObject(one) || isPossible(one)) return one ?? null;
  const { state, source, ...rest } = one;
  return {
    ...rest,
    state: STATES.includes(state) ? state : "replaced",
    source: SOURCES.includes(source) ? source : "dcr",
  };
}

/** One record of what two say. */
function both(one: JsonValue | undefined, other: JsonValue | undefined): JsonObject {
  const [first, second] = [one, other].map((record) => isObject(record) ? record : {}) as [
    JsonObject,
    JsonObject,
  ];
  return {
    ...second,
    ...first,
    registrations: [...registrationsIn(first), ...registrationsIn(second)] as JsonValue[],
  };
}

function parseLine(line: string): unknown {
  const text = line.trim().replace(/,$/, "");
  if (!text.startsWith("{") || text.includes("\uFFFD")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // damaged, so it is left to the copy kept aside
  }
}
