import type { JsonValue } from "@std/json/types";
import type { ClientInformation } from "../core/client_information.ts";
import { isObject, parseJson } from "../core/json.ts";

/** The content of `registered.json` as it is read: issuer to whatever stands there. */
export type Registry = { [issuer: string]: JsonValue | undefined };

/** Reads the text of `registered.json`; `undefined` when it is not one JSON object. */
export function parseRegistry(text: string): Registry | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** The two members that an entry holds, where `value` is an entry. */
export function entryOf(value: unknown): ClientInformation | undefined {
  if (!isObject(value)) return undefined;
  const { client_id, client_secret } = value;
  if (typeof client_id !== "string" || client_id === "") return undefined;
  if (typeof client_secret === "string") return { client_id, client_secret };
  return client_secret === undefined || client_secret === null ? { client_id } : undefined;
}
