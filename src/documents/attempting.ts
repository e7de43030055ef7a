import { ClientStoreError } from "../core/client_store_error.ts";

/** Does a part of what is attempted; an error of it says what that was. */
export async function attempting<T>(attempt: string, part: () => Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    // Told by what it says: bundlers give a program several classes of one name.
    if (!(error instanceof Error) || error.name !== "ClientStoreError") throw error;
    const { message, code } = error as ClientStoreError;
    throw new ClientStoreError(`${attempt}: ${message}`, { code, path: "" });
  }
}
