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
