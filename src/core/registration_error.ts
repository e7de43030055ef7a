/** Options of {@linkcode RegistrationError}. */
export interface RegistrationErrorOptions {
  /** The HTTP status of the answer, where there was one. */
  status?: number;
  /** The error code of the server. */
  error?: string;
  /** The description of the server. */
  error_description?: string;
  /** In how many seconds to ask again, where the server said. */
  retryAfter?: number;
}

/**
 * A request that the authorization server refused, or did not answer as the standards say
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 | RFC 7591, section 3.2.2}).
 *
 * It is built from code and status alone, and has no cause: answers hold secrets.
 *
 * @example Tell a refused redirect URI from other errors
 * ```ts
 * import { register, RegistrationError } from "@oauth2/client-store/registration";
 *
 * const fetch = () => Promise.resolve(new Response(null, { status: 503 }));
 * try {
 *   await register("https://auth.example", { redirect_uris: ["http://127.0.0.1/cb"] }, { fetch });
 * } catch (error) {
 *   if (!(error instanceof RegistrationError)) throw error;
 *   const isUri = error.error === "invalid_redirect_uri";
 *   console.log(isUri ? "use another URI" : error.status); // Prints: 503
 * }
 * ```
 */
export class RegistrationError extends Error {
  /** Name of the class, for messages. */
  override readonly name: string = "RegistrationError";
  /** The HTTP status of the answer; `undefined` when there was none. */
  readonly status: number | undefined;
  /** The error code of the server, such as `"invalid_redirect_uri"`. */
  readonly error: string | undefined;
  /** What the server says of the error, for a developer. */
  readonly error_description: string | undefined;
  /** In how many seconds the server may be asked again; `undefined` where nobody knows. */
  readonly retryAfter: number | undefined;

  /**
   * Creates an error.
   *
   * @param message What was attempted, what is the case, and what to do.
   * @param options What the server answered.
   */
  constructor(message: string, options: RegistrationErrorOptions = {}) {
    super(message);
    this.status = options.status;
    this.error = options.error;
    this.error_description = options.error_description;
    this.retryAfter = options.retryAfter;
  }
}
