import { ClientStoreError } from "../core/client_store_error.ts";

/** What a database is asked with. */
export interface CommandOptions {
  /** How long an answer may take, in milliseconds. */
  readonly deadline: number;
  /** The database, for messages. */
  readonly database: string;
  /** The code of what a driver threw. Nothing else of it is told: drivers hang what they sent on it. */
  codeOf(error: unknown): string | undefined;
  /** What to do about an error of that code, where something is known. */
  adviceFor(code: string): string | undefined;
}

/**
 * Asks a database, and waits no longer than the deadline: some drivers queue for ever while the
 * server is away. What was given up may still be done later; a change is compared then, too.
 *
 * @throws {ClientStoreError} With the code of the database or the system; `ETIMEDOUT` without an answer.
 */
export function command<T>(run: () => PromiseLike<T>, options: CommandOptions): Promise<T> {
  const { deadline, database, codeOf, adviceFor } = options;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `${database} did not answer within ${deadline} ms (ETIMEDOUT): ` +
        "check that it is there, and whether what was asked for has been done after all";
      reject(new ClientStoreError(message, { code: "ETIMEDOUT", path: "" }));
    }, deadline);
    const failed = (error: unknown) => {
      clearTimeout(timer);
      const code = codeOf(error) ?? "EIO";
      const advice = adviceFor(code) ?? "check the server and the connection to it";
      reject(new ClientStoreError(`${database} failed (${code}): ${advice}`, { code, path: "" }));
    };
    try {
      Promise.resolve(run()).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      }, failed);
    } catch (error) {
      failed(error); // some drivers throw at once
    }
  });
}

/** The code that an error carries, where it is a name and not a sentence. */
export function plainCode(error: unknown, name: "code" | "errno" = "code"): string | undefined {
  const code = (error as { [name: string]: unknown } | undefined)?.[name];
  return typeof code === "string" && /^[A-Za-z0-9_]{1,60}$/.test(code) ? code : undefined;
}
