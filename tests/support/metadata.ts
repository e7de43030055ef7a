/** The metadata file beside a `registered.json`. */
export const metadataFileOf = (file: string): string => file.replace(/\.json$/, ".metadata.json");

/** A metadata file in which each issuer has one client, as it is written for a current one. */
export function metadataText(clients: { [issuer: string]: unknown }, rest: object = {}): string {
  const issuers = Object.fromEntries(
    Object.entries(clients).map(([issuer, client]) => [
      issuer,
      { registrations: [{ issuer, client, source: "dcr", state: "current" }] },
    ]),
  );
  return JSON.stringify({ version: 1, issuers, ...rest });
}
