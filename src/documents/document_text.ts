import { ClientStoreError } from "../core/client_store_error.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Registration, Registrations, State } from "../core/registrations.ts";

const VERSION = 1;
const STATES: readonly unknown[] = ["current", "kept", "replaced"] satisfies State[];

/** The registrations in a document, and the members of it that we do not know. */
export interface ReadDocument {
  readonly value: Registrations;
  readonly rest: JsonObject;
}

/** The text of a document with these registrations. */
export function formatDocument({ all, notes }: Registrations, rest: JsonObject): string {
  return JSON.stringify({ version: VERSION, registrations: all, notes, ...rest });
}

/**
 * The registrations that a document holds.
 *
 * @throws {ClientStoreError} With code `EBADMSG`, if it is not what we write.
 */
export function parseDocument(text: string): ReadDocument {
  const document = parse(text);
  if (!isObject(document)) throw damaged("is damaged", "restore it from a backup");
  const { version, registrations = [], notes = {}, ...rest } = document;
  if (version !== VERSION) {
    throw damaged("is of a version that this one does not know", "update the library");
  }
  if (!Array.isArray(registrations) || !registrations.every(isRegistration) || !isObject(notes)) {
    throw damaged("is damaged", "restore it from a backup");
  }
  return { value: { all: registrations as unknown as Registration[], notes }, rest };
}

function isRegistration(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.client)) return false;
  const { issuer, client, source, requested = {}, state, notes = {} } = value;
  return typeof issuer === "string" && typeof client.client_id === "string" &&
    typeof source === "string" && isObject(requested) && STATES.includes(state) && isObject(notes);
}

function damaged(what: string, advice: string): ClientStoreError {
  const message = `the document of the issuer ${what}: ${advice}`;
  return new ClientStoreError(message, { code: "EBADMSG", path: "" });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}
