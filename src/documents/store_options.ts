import { isStorable } from "./is_storable.ts";
import {
  checkCommonOptions,
  checkMembers,
  checkOption,
  type MembersOf,
  numberFault,
} from "../core/client_store_error.ts";
import type { Encryption } from "./sealing.ts";

/** Options of every store on documents. */
export interface DocumentsStoreOptions {
  /** Whose registrations: an account, a customer; `"default"` unless given. */
  tenant?: string;
  /** Hears of what the user should know; `console.warn` unless given. No message holds a secret. */
  warn?: (message: string) => void;
  /** The clock for expiry: milliseconds since the epoch; `Date.now` unless given. */
  now?: () => number;
  /** How long before `client_secret_expires_at` a client counts as expired, in seconds; 60 unless given. */
  skew?: number;
  /** How old a copy may be that a lookup is answered from, in milliseconds; 0 (none) unless given. */
  maxAge?: number;
}

/** Options of every store in a database. */
export interface RemoteStoreOptions extends DocumentsStoreOptions {
  /** How documents are sealed, so that nobody who reads the database or a dump of it reads a secret. */
  encryption?: Encryption;
  /** `true` leaves documents readable by whoever reads the database; then `encryption` is not given. */
  dangerouslyStorePlaintext?: boolean;
  /** How long the database may take to answer, in milliseconds; 2000 unless given. */
  deadline?: number;
}

/** How long a database may take to answer unless the options say otherwise, in milliseconds. */
export const DEADLINE = 2000;

/** The members of {@linkcode RemoteStoreOptions}. */
export const REMOTE: MembersOf<RemoteStoreOptions> = {
  tenant: true,
  warn: true,
  now: true,
  skew: true,
  maxAge: true,
  encryption: true,
  dangerouslyStorePlaintext: true,
  deadline: true,
};

/** Refuses options that would mean something else than what was meant. */
export function checkStoreOptions(
  options: RemoteStoreOptions,
  members: MembersOf<RemoteStoreOptions>,
): void {
  checkMembers(options, members, "Cannot open client store");
  checkCommonOptions(options);
  const { tenant, maxAge, deadline = DEADLINE } = options;
  const isTenant = tenant === undefined ||
    typeof tenant === "string" && tenant !== "" && isStorable(tenant);
  const isDeadline = typeof deadline === "number" && deadline > 0 && deadline < 2 ** 31;
  checkOption("maxAge", numberFault(maxAge));
  checkOption(
    "tenant",
    isTenant ? undefined : "must be a non-empty string of well-formed Unicode without NUL",
  );
  checkOption("deadline", isDeadline ? undefined : "must be a number of milliseconds, above 0");
}
