/** Options of {@linkcode ClientStoreError}. */
export interface ClientStoreErrorOptions {
  /** POSIX name of the error. */
  code: string;
  /** The file it is about. */
  path: string;
  /** What the runtime threw, where it did. */
  cause?: unknown;
}

/**
 * What the world can do to a store: a file that cannot be read, written or locked. A wrong argument
 * is a `TypeError` instead. Neither message nor cause ever holds the content of a file.
 *
 * @example Tell "locked too long" from "cannot write"
 * ```ts
 * import { ClientStoreError, openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 *
 * const runtime = createMemoryRuntime(); // no HOME: there is no place to store anything
 * try {
 *   await openClientStore({ runtime }).store("https://auth.example", { client_id: "abc123" });
 * } catch (error) {
 *   if (!(error instanceof ClientStoreError)) throw error;
 *   const isLocked = error.code === "ETIMEDOUT";
 *   console.log(isLocked ? "locked too long" : "cannot write"); // Prints: cannot write
 * }
 * ```
 */
export class ClientStoreError extends Error {
  /** Name of the class, for messages. */
  override readonly name: string = "ClientStoreError";
  /** POSIX name of the error, such as `"EACCES"`; `"ETIMEDOUT"` when the lock was not had in time. */
  readonly code: string;
  /** The file that the error is about; empty where no path could be told. */
  readonly path: string;

  /**
   * Creates an error.
   *
   * @param message What was attempted, what is the case, and what to do.
   * @param options The code, the path and the cause.
   */
  constructor(message: string, options: ClientStoreErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = options.code;
    this.path = options.path;
  }
}

// What follows is here because every first lookup loads this file: one more would cost each start.

/** The members of an options object: the compiler holds the list to its type. */
export type MembersOf<Options> = { readonly [member in keyof Options]-?: true };

/**
 * Refuses a member that a call does not know. A misspelt one would be ignored, and another file, tenant
 * or client be used than was meant; TypeScript tells that of literals only.
 *
 * @throws {TypeError} If there is one; the message names the nearest one that there is.
 */
export function checkMembers<Options extends object>(
  options: Options,
  known: MembersOf<Options>,
  attempt: string,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${attempt}: options must be an object`);
  }
  const stray = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (stray === undefined) return;
  const names = Object.keys(known);
  const meant = nearest(stray, names);
  const use = meant === undefined ? `one of ${names.join(", ")}` : `"${meant}"`;
  throw new TypeError(
    `${attempt}: there is no option ${JSON.stringify(stray.slice(0, 100))}: use ${use}`,
  );
}

/** Refuses an option of a store that has a fault. */
export function checkOption(option: string, fault: string | undefined): void {
  if (fault) throw new TypeError(`Cannot open client store: ${option} ${fault}`);
}

/** Refuses options that would fail much later: those that a store takes wherever it keeps its clients. */
export function checkCommonOptions(
  { skew, now, warn }: { skew?: unknown; now?: unknown; warn?: unknown },
): void {
  checkOption("skew", numberFault(skew));
  checkOption("warn", functionFault(warn));
  checkOption("now", functionFault(now));
  if (typeof now === "function") checkOption("now", nowFault(now()));
}

/** What keeps an option from being a number that is 0 or more. */
export function numberFault(value: unknown = 0): string | undefined {
  return typeof value === "number" && value >= 0 ? undefined : "must be a number, 0 or more";
}

function functionFault(value: unknown = checkOption): string | undefined {
  return typeof value === "function" ? undefined : "must be a function";
}

/** A promise would compare with every expiry as what has not come. */
function nowFault(time: unknown): string | undefined {
  if (typeof time === "object") Promise.resolve(time).catch(() => {}); // nobody else awaits it
  const isTime = typeof time === "number" && !Number.isNaN(time);
  return isTime ? undefined : "must return a number of milliseconds since the epoch, at once";
}

/** The one that differs in the fewest letters, if they are few. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => [distance(given, name), name] as const);
  const [closest] = distances.sort(([a], [b]) => a - b);
  return closest && closest[0] <= Math.max(2, given.length / 3) ? closest[1] : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The error where the environment names no place for a store. */
export function noHome(attempt: string): ClientStoreError {
  return new ClientStoreError(
    `${attempt}: the environment names no home (ENOENT): set HOME or XDG_CONFIG_HOME ` +
      "(Deno reads them with --allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE), or give path",
    { code: "ENOENT", path: "" },
  );
}

/** The error where there is no file system at all, as in a browser or a worker at the edge. */
export function noFileSystem(): ClientStoreError {
  return new ClientStoreError(
    "Cannot change the client store: there is no file system here (ENOSYS): give runtime, " +
      "as with createMemoryRuntime()",
    { code: "ENOSYS", path: "" },
  );
}
