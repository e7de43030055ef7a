import { createStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs";

export function open(directory) {
  const storage = createStorage({ driver: fsDriver({ base: directory }) });
  // Its keys become file names.
  const key = (issuer) => `${encodeURIComponent(issuer)}.json`;
  return {
    lookup: (issuer) => storage.getItem(key(issuer)),
    store: (issuer, client) => storage.setItem(key(issuer), client),
  };
}
