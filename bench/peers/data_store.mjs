import { Store } from "data-store";

export function open(directory) {
  const store = new Store({ path: `${directory}/registered.json` });
  // Its keys are paths with dots, which it lets the caller escape.
  const key = (issuer) => issuer.replaceAll(".", "\\.");
  return {
    lookup: (issuer) => store.get(key(issuer)),
    store: (issuer, client) => void store.set(key(issuer), client),
  };
}
