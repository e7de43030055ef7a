import { placeOf } from "../core/addresses.ts";
import { commonSpelling, issuerFault, quote } from "../core/issuer.ts";
import { isObject } from "../core/json.ts";
import type { Find } from "./finding.ts";
import { isRegistrationRecord } from "./issuer_record.ts";
import type { Metadata } from "./metadata.ts";
import { entryOf, type Registry } from "./registry.ts";

/** Tells of what in `registered.json` is of no use, or not what it seems. */
export function examineRegistry(file: string, registry: Registry, find: Find): void {
  for (const [issuer, value] of Object.entries(registry)) {
    const entry = entryOf(value);
    if (!entry) {
      find("no entry", file, {
        what: `holds no client under ${quote(issuer)}, but ${kindOf(value)}`,
        meaning: "programs see no client there, and register one in its place",
        advice: "take it out of the file, or register with that issuer again",
      });
    } else examineMembers(file, issuer, value, find);
    examineIssuer(file, issuer, find);
    const other = commonSpelling(issuer);
    const twin = other === issuer ? undefined : entryOf(registry[other]);
    if (!entry || !twin) continue;
    find("two spellings", file, {
      what: `has the issuer ${quote(other)} with and without a slash at its end ` +
        `(${entry.client_id}, ${twin.client_id})`,
      meaning: "which of the two clients a program gets depends on how it spells the issuer",
      advice: "remove the one that your program does not use: " +
        "client-store remove ISSUER --client-id ID",
    });
  }
}

function examineMembers(file: string, issuer: string, value: unknown, find: Find): void {
  const more = Object.keys(isObject(value) ? value : {})
    .filter((member) => member !== "client_id" && member !== "client_secret");
  if (more.length === 0) return;
  const told = more.slice(0, 3).map((member) => JSON.stringify(member.slice(0, 40))).join(", ");
  find("unknown members", file, {
    what: `holds more than client_id and client_secret under ${quote(issuer)}: ${told}`,
    meaning:
      "programs that read the file strictly see no client there, and drop it when they write",
    advice: "take these members out of the file, or register with that issuer again",
  });
}

function examineIssuer(file: string, issuer: string, find: Find): void {
  const fault = issuerFault(issuer);
  const isInClear = fault === undefined && /^http:/i.test(issuer) &&
    placeOf(new URL(issuer)) !== "this machine";
  if (fault === undefined && !isInClear) return;
  find("odd issuer", file, {
    what: `names ${quote(issuer)} as an issuer, which ${
      isInClear ? "is not https, and not on this machine" : `is none: ${fault}`
    }`,
    meaning: isInClear
      ? "nobody registers there, because everybody on the way could read the secrets"
      : "no program can register there, and nobody can ask whether the client lives",
    advice: "correct it in the file, or: client-store remove ISSUER",
  });
}

/** Tells of what in `registered.metadata.json` is of no use; `isAlone` without `registered.json`. */
export function examineMetadata(
  file: string,
  { issuers }: Metadata,
  isAlone: boolean,
  find: Find,
): void {
  for (const [issuer, record] of Object.entries(issuers)) {
    const { registrations = [] } = isObject(record) ? record : { registrations: [record] };
    if ([registrations].flat().every(isRegistrationRecord)) continue;
    find("metadata record", file, {
      what: `holds something under ${quote(issuer)} that is no registration`,
      meaning: "a client for another purpose may be missing there, and what the server said of one",
      advice: "nothing need be done; a program that misses its client registers again",
    });
  }
  if (!isAlone || Object.keys(issuers).length === 0) return;
  find("metadata alone", file, {
    what: "is there without the file that names the clients",
    meaning: "that file was removed, so programs find no client and register again",
    advice: "put the file back if you have it; once a program has registered, " +
      "client-store prune deletes the old clients at their servers",
  });
}

function kindOf(value: unknown): string {
  if (isObject(value)) {
    return typeof value.client_id === "string" && value.client_id !== ""
      ? "a client_secret that is no text"
      : "an object without a client_id";
  }
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
