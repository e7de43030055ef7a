import type { GetOrRegisterOptions } from "./client_store.ts";
import { requestOf } from "./fit.ts";
import { isObject } from "./json.ts";
import { RegistrationError } from "./registration_error.ts";
import type { Notes } from "./registrations.ts";

/** The name of the note that a refusal is kept under, with the issuer. */
const NOTE = "refusal";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A caller who may be told what another one was: what it asks for, and since when. */
export interface Asking {
  readonly options: GetOrRegisterOptions;
  /** When it began to ask, in milliseconds since the epoch. */
  readonly began: number;
}

/**
 * The note of a refusal, so that it is not asked for again before that makes sense: by nobody where
 * the server is busy, by nobody with the same request where it is this that was refused, and where the
 * server did not answer, by nobody who is waiting already. `undefined` for a failure of another kind.
 */
export function refusalNote(
  error: unknown,
  options: GetOrRegisterOptions,
  now: number,
): Notes | undefined {
  // Told by name: test runners and bundlers give a program several realms.
  if (Object(error).name !== "RegistrationError") return undefined;
  const { message, status, error: code, error_description, retryAfter } =
    error as RegistrationError;
  const told = { message, status, error: code, error_description };
  const known = Object.entries(told).filter(([, value]) => value !== undefined);
  return {
    [NOTE]: {
      ...Object.fromEntries(known),
      at: now,
      until: now + durationOf(status, retryAfter, options),
      ...(!isForAll(status) && { request: requestKey(options) }),
    },
  };
}

/** The note that a server has registered a client after all. */
export const NO_REFUSAL: Notes = { [NOTE]: undefined };

/** The refusal that a caller is to be told without asking the server again. */
export function standingRefusal(
  notes: Notes,
  { options, began }: Asking,
  now: number,
): RegistrationError | undefined {
  const refusal = notes[NOTE];
  if (options.retry || !isObject(refusal)) return undefined;
  const { at, until, request, message, status, error, error_description } = refusal;
  if (typeof at !== "number" || typeof until !== "number" || typeof message !== "string") {
    return undefined;
  }
  const isOfThis = request === undefined || request === requestKey(options);
  // A clock that was set back must not make it last.
  const isStanding = now < until && now >= at - MINUTE && until - at <= DAY;
  const isAwaited = began < at && at <= now;
  if (!isOfThis || !isStanding && !isAwaited) return undefined;
  const hint = isStanding
    ? `; this is what it said last, and nothing is sent before ${
      new Date(until).toISOString()
    }: pass retry: true to ask all the same`
    : "";
  return new RegistrationError(`${message}${hint}`, {
    ...(typeof status === "number" && { status }),
    ...(typeof error === "string" && { error }),
    ...(typeof error_description === "string" && { error_description }),
    ...(isStanding && { retryAfter: Math.ceil((until - now) / 1000) }),
  });
}

/** Whether a refusal is of whoever asks, whatever they ask for. */
function isForAll(status: number | undefined): boolean {
  return status === undefined || status === 429 || status >= 500;
}

function durationOf(
  status: number | undefined,
  retryAfter: number | undefined,
  { request }: GetOrRegisterOptions,
): number {
  if (retryAfter !== undefined) return Math.min(retryAfter * 1000, DAY);
  if (status === 429 || status === 503) return MINUTE;
  if (status === 401 || status === 403) return HOUR;
  // Only who names the request can tell that it is the same.
  const isInvalid = status !== undefined && [400, 409, 413, 415, 422].includes(status);
  return isInvalid && request !== undefined ? HOUR : 0;
}

/** What tells one request to a server from another. */
export function requestKey(options: GetOrRegisterOptions): string {
  return JSON.stringify([requestOf(options), options.requested ?? null, options.request ?? null]);
}
