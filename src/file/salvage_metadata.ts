import type { JsonValue } from "@std/json/types";
import { commonSpelling, otherSpelling } from "../core/issuer.ts";
import { isObject, type JsonObject, parseJson } from "../core/json.ts";
import { isRegistrationRecord } from "./issuer_record.ts";
import { type Metadata, parseMetadata } from "./metadata.ts";
import { endOfObject } from "./salvage.ts";

const STATES: readonly unknown[] = ["current", "kept", "replaced", "leaving"];
const SOURCES: readonly unknown[] = ["dcr", "pre-registered", "cimd"];

/** Tells whether `registered.json` has an entry of an issuer, given in the spelling that stands for both. */
type IsNamed = (issuer: string) => boolean;

/**
 * Tells whether metadata are as we write them: registrations under the name of their issuer, in the
 * member that they belong in, of a state and a source that there is. A letter that was changed there
 * costs clients, and no parser finds it.
 */
export function isSound({ issuers }: Metadata, isNamed: IsNamed): boolean {
  // Loops, because every change asks this of all that there is.
  for (const issuer of Object.keys(issuers)) {
    const record = issuers[issuer];
    if (!isObject(record)) continue;
    let isEmpty = true;
    let isHome = false;
    for (const name of Object.keys(record)) {
      const value = record[name];
      if (!Array.isArray(value)) continue;
      for (const one of value) {
        if (!isRegistrationRecord(one)) continue;
        if (name !== "registrations" || !isPossible(one)) return false;
        isEmpty = false;
        isHome ||= isOf(one, issuer);
      }
    }
    if (!isEmpty && !isHome && !isNamed(issuer)) return false;
  }
  return true;
}

/** What is still whole in a damaged text: all that it says, or every registration. */
export function salvageMetadata(text: string, isNamed: IsNamed): Metadata {
  const whole = text.includes("\uFFFD") ? undefined : parseMetadata(text);
  if (whole && whole !== "unknown") return mended(whole, isNamed);
  const found = new Map<string, JsonObject[]>();
  for (const record of text.split("\n").flatMap((line) => [...registrationsOfLine(line)])) {
    const issuer = commonSpelling(String(record.issuer));
    const before = found.get(issuer);
    if (before) before.push(record);
    else found.set(issuer, [record]);
  }
  const records = Array.from(found, ([issuer, registrations]) => [issuer, { registrations }]);
  return mended({ issuers: Object.fromEntries(records), rest: {} }, isNamed);
}

/**
 * The metadata with each record under the issuer of its registrations, where its name is of nobody, and
 * with all registrations where they belong. What is of no state that there is is not handed out.
 */
function mended({ issuers, rest }: Metadata, isNamed: IsNamed): Metadata {
  const found = new Map<string, JsonValue | undefined>();
  for (const [name, record] of Object.entries(issuers)) {
    if (!isObject(record)) found.set(name, record);
    else {
      const [first] = registrationsIn(record);
      const isLost = first && isMisfiled(name, record, isNamed);
      const issuer = isLost ? commonSpelling(String(first.issuer)) : name;
      const entries = Object.entries(record);
      const all = entries.filter(([name, value]) => isOfRegistrations(name, value))
        .flatMap(([, value]) => [value].flat());
      const others = entries.filter(([name, value]) => !isOfRegistrations(name, value));
      const whole = { registrations: all.map(possible), ...Object.fromEntries(others) };
      const before = found.get(issuer);
      found.set(issuer, isObject(before) ? both(before, whole) : whole);
    }
  }
  return { issuers: Object.fromEntries(found), rest };
}

/** Tells whether a member of a record holds registrations, whatever has become of its name. */
function isOfRegistrations(name: string, value: JsonValue | undefined): boolean {
  return name === "registrations" || Array.isArray(value) && value.some(isRegistrationRecord);
}

function registrationsIn(record: JsonObject): readonly JsonObject[] {
  return Object.entries(record).filter(([name, value]) => isOfRegistrations(name, value))
    .flatMap(([, value]) => [value].flat()).filter(isRegistrationRecord);
}

/** Tells whether registrations are under a name that neither they nor `registered.json` know. */
function isMisfiled(issuer: string, record: JsonObject, isNamed: IsNamed): boolean {
  const known = registrationsIn(record);
  return known.length > 0 && !known.some((one) => isOf(one, issuer)) && !isNamed(issuer);
}

function isOf({ issuer }: JsonObject, name: string): boolean {
  return issuer === name || issuer === otherSpelling(name);
}

function isPossible(one: JsonValue | undefined): boolean {
  return !isRegistrationRecord(one) || STATES.includes(one.state) && SOURCES.includes(one.source);
}

function possible(one: JsonValue | undefined): JsonValue {
  if (one === undefined || isPossible(one) || !isObject(one)) return one ?? null;
  return {
    ...one,
    state: STATES.includes(one.state) ? one.state : "replaced",
    source: SOURCES.includes(one.source) ? one.source : "dcr",
  };
}

/** One record of what two say. */
function both(one: JsonObject, other: JsonObject): JsonObject {
  const registrations = [one, other].flatMap(registrationsIn);
  return { ...other, ...one, registrations };
}

/** The registrations in a line: it is one, or what is whole of several that have run together is. */
function* registrationsOfLine(line: string): Iterable<JsonObject> {
  const whole = registrationIn(line, line.indexOf("{"), line.lastIndexOf("}") + 1);
  if (whole) return yield whole;
  for (let at = line.indexOf("{"); at >= 0;) {
    const end = endOfObject(line, at);
    const found = registrationIn(line, at, end);
    if (found) yield found;
    at = line.indexOf("{", found ? end : at + 1);
  }
}

function registrationIn(line: string, start: number, end: number): JsonObject | undefined {
  const text = start < 0 || end < start ? "" : line.slice(start, end);
  if (text.includes("\uFFFD")) return undefined; // of lost bytes, so it is left to the copy kept aside
  const value = parseJson(text);
  return isRegistrationRecord(value) ? value : undefined;
}
