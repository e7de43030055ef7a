import type { JsonValue } from "@std/json/types";
import type { ClientInformation } from "./client_information.ts";

/** How a program came to a client: it registered it, the user gave it, or a document describes it. */
export type Source = "dcr" | "pre-registered" | "cimd";

/**
 * What was asked for when a client was registered, as far as known
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591, section 2}).
 */
export interface Requested {
  /** The redirect URIs. */
  readonly redirect_uris?: readonly string[];
  /** The scope values, separated by spaces. */
  readonly scope?: string;
  /** The grant types. */
  readonly grant_types?: readonly string[];
  /** How the client is to authenticate at the token endpoint. */
  readonly token_endpoint_auth_method?: string;
  /** `"native"` or `"web"`. */
  readonly application_type?: string;
}

/**
 * Whether a client is handed out: the one that is named first (`"current"`), one for another purpose
 * (`"kept"`), or one that only waits to be deleted at its server (`"replaced"`).
 */
export type State = "current" | "kept" | "replaced";

/** Small values that a feature keeps with a client or with an issuer. */
export interface Notes {
  /** A note by its name; `undefined` removes it. */
  readonly [name: string]: JsonValue | undefined;
}

/** One client at one issuer. */
export interface Registration {
  /** The issuer, as it was spelled. */
  readonly issuer: string;
  /** The server's whole answer, or what was given. */
  readonly client: ClientInformation;
  /** How the program came to it. */
  readonly source: Source;
  /** What was asked for. */
  readonly requested?: Requested;
  /** Whether it is handed out. */
  readonly state: State;
  /** What features note of it. */
  readonly notes?: Notes;
}

/**
 * All that is known of one issuer, under both spellings that differ by one trailing slash: a value
 * that the functions here make new ones of, with neither clock nor I/O.
 */
export interface Registrations {
  /** The registrations, the oldest first. */
  readonly all: readonly Registration[];
  /** What features note of the issuer. */
  readonly notes: Notes;
}

/** An issuer that nothing is known of. */
export const NO_REGISTRATIONS: Registrations = { all: [], notes: {} };

/** The most clients that are kept beside the current one. */
export const MAX_KEPT = 16;

/** Tells whether a client may be handed out. */
export function isAlive({ state }: Registration): boolean {
  return state !== "replaced";
}

/**
 * Tells whether a client is ours to delete at its server, and what is known of it is enough for that
 * (RFC 7592). One that the user was given is the user's.
 */
export function isDeletable({ client, source }: Omit<Registration, "state">): boolean {
  return source !== "pre-registered" && typeof client.registration_client_uri === "string" &&
    typeof client.registration_access_token === "string";
}

/** Tells whether two registrations are of one client. */
export function isSameClient(
  a: Omit<Registration, "state">,
  b: Omit<Registration, "state">,
): boolean {
  return a.issuer === b.issuer && a.client.client_id === b.client.client_id;
}

/**
 * The value without what no change needs any more: replaced clients that cannot be deleted, or of
 * which something more recent is known. Whoever changes a value begins with this, and only with it:
 * until a change is committed, what it replaces still counts.
 */
export function settled(value: Registrations): Registrations {
  const all = value.all.filter((registration, at) =>
    isAlive(registration) || isDeletable(registration) &&
      !value.all.some((other, n) =>
        isSameClient(other, registration) && isDeletable(other) && (isAlive(other) || n > at)
      )
  );
  return all.length === value.all.length ? value : { ...value, all };
}

/** The clients that were replaced, are known by no other name, and can be deleted at their server. */
export function orphansOf(value: Registrations): Registration[] {
  return settled(value).all.filter((registration) =>
    !isAlive(registration) &&
    !value.all.some((other) =>
      isAlive(other) && other.client.client_id === registration.client.client_id
    )
  );
}

/** The value without these replaced clients, once their server has forgotten them. */
export function forget(
  value: Registrations,
  clients: readonly { issuer: string; client: { client_id: string } }[],
): Registrations {
  const isGone = ({ issuer, client, state }: Registration) =>
    state === "replaced" &&
    clients.some((gone) => gone.issuer === issuer && gone.client.client_id === client.client_id);
  return { ...value, all: value.all.filter((registration) => !isGone(registration)) };
}

/** The value with these notes of the issuer; one that is `undefined` goes. */
export function note(value: Registrations, notes: Notes): Registrations {
  return { ...value, notes: merged(value.notes, notes) };
}

/** Notes with those of `more`, without what is `undefined` there. */
export function merged(notes: Notes, more: Notes): Notes {
  const entries = Object.entries({ ...notes, ...more }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}
