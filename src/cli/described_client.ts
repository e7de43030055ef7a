import type { ClientInformation, ClientStore, Registration, Requested } from "../../mod.ts";

/** A registration as the commands tell of it. */
export interface DescribedClient {
  readonly issuer: string;
  readonly client: ClientInformation;
  readonly source: Registration["source"];
  readonly state: Registration["state"];
  /** What was asked for when it was registered, as far as known. */
  readonly requested: Requested;
  readonly isExpired: boolean;
}

const SECRET = /secret$|token$|^software_statement$|^jwks$/;

/** Every client of the store that is known, by issuer: the current one, those kept, those replaced. */
export async function describedClients(
  store: ClientStore,
  wanted?: string,
): Promise<DescribedClient[]> {
  const issuers = wanted === undefined ? [...(await store.list()).keys()] : [wanted];
  const found: DescribedClient[] = [];
  for (const issuer of issuers) {
    const { all } = await store.registrations(issuer);
    const rank = ({ state }: Registration) => ["current", "kept", "replaced"].indexOf(state);
    const own = wanted === undefined ? all.filter((one) => one.issuer === issuer) : all;
    for (const one of own.toReversed().sort((a, b) => rank(a) - rank(b))) {
      const { issuer, client, source, state, requested = {} } = one;
      found.push({ issuer, client, source, state, requested, isExpired: isExpired(client) });
    }
  }
  return found;
}

/** The client as a JSON value, secrets told only where that is asked for, times as ISO, too. */
export function jsonOf(
  { issuer, client, source, state, isExpired }: Omit<DescribedClient, "requested">,
  hasSecrets: boolean,
): Record<string, unknown> {
  const { client_id_issued_at: issued, client_secret_expires_at: expiry } = client;
  return {
    issuer,
    ...(hasSecrets ? client : redacted(client)),
    ...(typeof issued === "number" && { issued_at: isoOf(issued) }),
    ...(typeof expiry === "number" && expiry > 0 && { expires_at: isoOf(expiry) }),
    source,
    state,
    ...(isExpired && { expired: true }),
  };
}

/** The client without what nobody else may know. */
export function redacted(client: ClientInformation): ClientInformation {
  const members = Object.entries(client).map(([member, value]) => [
    member,
    SECRET.test(member) && value !== undefined && value !== null ? "redacted" : value,
  ]);
  return Object.fromEntries(members);
}

/** A time in seconds since the epoch, for people and programs. */
export function isoOf(seconds: number): string | undefined {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** A span of time in its largest unit. */
export function spanOf(seconds: number): string {
  const units: [number, string][] = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [length, unit] = units.find(([length]) => seconds >= length) ?? [1, "s"];
  return `${Math.floor(seconds / length)} ${unit}`;
}

function isExpired({ client_secret_expires_at: expiry }: ClientInformation): boolean {
  return typeof expiry === "number" && expiry > 0 && expiry <= Date.now() / 1000;
}
