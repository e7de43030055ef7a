import type { ListedClient } from "./client_store.ts";
import { copyOf } from "./copy.ts";
import { currentOf, type Usable } from "./find_registration.ts";
import { otherSpelling } from "./issuer.ts";
import type { Registration, Registrations } from "./registrations.ts";

/**
 * What `list` tells under this issuer: its current client, with those kept beside it; `undefined`
 * where none is handed out. Where both spellings have a current one, each tells of its own; where none
 * has, the newest of those that are kept comes first.
 */
export function listedOf(
  value: Registrations,
  issuer: string,
  isUsable: Usable,
): ListedClient | undefined {
  const current = currentOf(value, issuer);
  const isAlone = !currentOf(value, otherSpelling(issuer));
  const kept = value.all
    .filter((one) => one.state === "kept" && (isAlone || one.issuer === issuer))
    .reverse();
  const isNewest = isAlone && kept[0]?.issuer === issuer;
  const first = current ?? (isNewest ? kept.shift() : undefined);
  if (!first) return undefined;
  const rest = kept.map((one) => listed(one, isUsable));
  return { ...listed(first, isUsable), ...(rest.length > 0 && { kept: rest }) };
}

function listed({ client, source, state }: Registration, isUsable: Usable): ListedClient {
  return {
    ...copyOf(client),
    ...(isUsable(client) ? {} : { expired: true }),
    source,
    state: state === "current" ? "current" : "kept",
  };
}
