import Conf from "conf";

export function open(directory) {
  const conf = new Conf({
    cwd: directory,
    configName: "registered",
    accessPropertiesByDotNotation: false, // an issuer has dots
  });
  return {
    lookup: (issuer) => conf.get(issuer),
    store: (issuer, client) => conf.set(issuer, client),
  };
}
