import { FilePersistence, PersistenceCachePlugin } from "@azure/msal-node-extensions";

// Its plain file, which is what is left where no keyring is: less work than the keyring's.
export async function open(directory) {
  const persistence = await FilePersistence.create(
    `${directory}/registered.json`,
  );
  const plugin = new PersistenceCachePlugin(persistence);
  let clients = {};
  // What msal-node does around every access to its cache.
  const access = async (cacheHasChanged, use) => {
    const context = {
      cacheHasChanged,
      tokenCache: {
        deserialize: (text) => clients = JSON.parse(text),
        serialize: () => JSON.stringify(clients),
      },
    };
    await plugin.beforeCacheAccess(context);
    const result = use();
    if (cacheHasChanged) await plugin.afterCacheAccess(context);
    return result;
  };
  return {
    lookup: (issuer) => access(false, () => clients[issuer]),
    store: (issuer, client) => access(true, () => void (clients[issuer] = client)),
  };
}
