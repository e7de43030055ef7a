import { open as openOurs } from "./client_store.mjs";

/** Every call is the first of a store, as in a command that stores once. */
export function open(directory) {
  return {
    store: (issuer, client) => openOurs(directory).store(issuer, client),
  };
}
