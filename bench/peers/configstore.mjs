import Configstore from "configstore";

export function open(directory) {
  const config = new Configstore("registered", undefined, {
    configPath: `${directory}/registered.json`,
  });
  // Its keys are paths with dots, which it lets the caller escape.
  const key = (issuer) => issuer.replaceAll(".", "\\.");
  return {
    lookup: (issuer) => config.get(key(issuer)),
    store: (issuer, client) => config.set(key(issuer), client),
  };
}
