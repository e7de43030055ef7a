import { issuerFault, quote } from "../core/issuer.ts";
import { CommandError, EXIT } from "./exit_code.ts";

/**
 * Refuses what cannot be an issuer before anything is read or asked.
 *
 * @throws {CommandError} With exit code 2.
 */
export function checkIssuerArgument(issuer: string): void {
  const fault = issuerFault(issuer);
  if (fault === undefined) return;
  const told = fault.replace(/^issuer /, "");
  throw new CommandError(
    `client-store: ISSUER ${told}, not ${quote(issuer)}${meantBy(issuer)}`,
    EXIT.usage,
  );
}

/** What tells that no client is registered; people leave out the scheme. */
export function noClient(issuer: string): string {
  return `No client is registered with issuer ${quote(issuer)}${
    issuerFault(issuer) === undefined ? "" : meantBy(issuer)
  }`;
}

function meantBy(issuer: string): string {
  const whole = `https://${issuer}`;
  const isBare = !issuer.includes(":") && issuer.includes(".");
  return isBare && issuerFault(whole) === undefined ? `; did you mean "${whole}"?` : "";
}
