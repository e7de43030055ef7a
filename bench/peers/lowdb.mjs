import { JSONFilePreset } from "lowdb/node";

export async function open(directory) {
  const db = await JSONFilePreset(`${directory}/registered.json`, {});
  return {
    lookup: (issuer) => db.data[issuer],
    store: (issuer, client) => db.update((data) => data[issuer] = client),
  };
}
