import type { ClientInformation } from "../core/client_information.ts";
import { fits } from "../core/fit.ts";

/** The values of all these scopes, each once; `undefined` when there is none. */
export function joinedScope(...scopes: unknown[]): string | undefined {
  const values = scopes.filter((scope) => typeof scope === "string")
    .flatMap((scope) => scope.split(" "))
    .filter((value) => value !== "");
  return values.length === 0 ? undefined : [...new Set(values)].join(" ");
}

/**
 * The client that took the place of `known`, with a note of what both have asked for in vain: a
 * server that grants less is not asked for more on every run.
 */
export function withRequestedScope(
  client: ClientInformation,
  known: ClientInformation | undefined,
  scope: string | undefined,
): ClientInformation {
  const isGranted = fits({ client }, { scope: scope ?? "" });
  const requested_scope = joinedScope(known?.requested_scope, isGranted ? undefined : scope);
  return requested_scope === undefined ? client : { ...client, requested_scope };
}
