import { ClientStoreError } from "../core/client_store_error.ts";

/** Does a part of what is attempted; an error of it says what that was. */
export async function attempting<T>(attempt: string, part: () => Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    throw withAttempt(attempt, error);
  }
}

/** The failure of a part, told as one of what was attempted. */
export function withAttempt(attempt: string, error: unknown): unknown {
  // Told by what it says: bundlers give a program several classes of one name.
  if (!(error instanceof Error) || error.name !== "ClientStoreError") return error;
  const { message, code } = error as ClientStoreError;
  return new ClientStoreError(`${attempt}: ${message}`, { code, path: "" });
}
