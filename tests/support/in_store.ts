import { type ClientStoreOptions, type FileStore, openClientStore } from "@oauth2/client-store";
import { realPlace } from "./places.ts";

/** Runs a trial with a store on real files, which `open` opens as a fresh process would. */
export async function inStore(
  trial: (
    store: FileStore,
    open: (options?: ClientStoreOptions) => FileStore,
  ) => Promise<void>,
): Promise<void> {
  const place = realPlace();
  const open = (options: ClientStoreOptions = {}) =>
    openClientStore({ runtime: place.runtime, warn: () => {}, ...options });
  try {
    await trial(open(), open);
  } finally {
    place.end();
  }
}
