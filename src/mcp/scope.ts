import type { ClientInformation } from "../client_information.ts";
import { fits } from "../fit.ts";

/** Tells whether a client may ask for this scope, or has asked to be allowed to before. */
export function coversScope(client: ClientInformation, scope: string | undefined): boolean {
  if (scope === undefined) return true;
  const { requested_scope } = client;
  return fits(client, { scope }) ||
    typeof requested_scope === "string" && fits({ ...client, scope: requested_scope }, { scope });
}

/** The values of all these scopes, each once; `undefined` when there is none. */
export function joinedScope(...scopes: unknown[]): string | undefined {
  const values = scopes.filter((scope) => typeof scope === "string")
    .flatMap((scope) => scope.split(" "))
    .filter((value) => value !== "");
  return values.length === 0 ? undefined : [...new Set(values)].join(" ");
}
