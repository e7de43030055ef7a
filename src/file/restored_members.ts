import { isObject } from "../core/json.ts";
import { isRegistrationRecord } from "./issuer_record.ts";
import type { Metadata } from "./metadata.ts";
import { type Member, withEntries } from "./registry_text.ts";

/**
 * What is whole of a damaged `registered.json`, with the entries that are lost in it and that its
 * metadata tell of: damage is no logging out.
 */
export function restoredMembers(
  whole: readonly Member[],
  { issuers }: Metadata,
): readonly Member[] {
  const known = new Set(whole.map(({ key }) => key));
  const lost = Object.values(issuers)
    .flatMap((record) => isObject(record) ? [record.registrations ?? []].flat() : [])
    .filter(isRegistrationRecord)
    .filter(({ issuer, state }) => state === "current" && !known.has(issuer));
  if (lost.length === 0) return whole;
  return withEntries(whole, new Map(lost.map(({ issuer, client }) => [issuer, client])));
}
