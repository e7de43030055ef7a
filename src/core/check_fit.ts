import type { GetOrRegisterOptions } from "./client_store.ts";
import { checkMembers, type MembersOf } from "./client_store_error.ts";
import type { Fit } from "./fit.ts";

/** The members of {@linkcode Fit}. */
export const FIT: MembersOf<Fit> = {
  redirectUris: true,
  anyLoopbackPort: true,
  scope: true,
  grantTypes: true,
  tokenEndpointAuthMethod: true,
  accept: true,
};

const WANTED: MembersOf<GetOrRegisterOptions> = {
  ...FIT,
  signal: true,
  replace: true,
  requested: true,
  request: true,
  retry: true,
  onWait: true,
};

/** Checks what a caller of `getOrRegister` asks for. */
export function checkWanted(options: GetOrRegisterOptions, attempt: string): void {
  checkFit(options, attempt);
  const { replace = "", request = "", retry = false } = options;
  if (typeof replace !== "string") throw new TypeError(`${attempt}: replace must be a client_id`);
  if (typeof request !== "string") throw new TypeError(`${attempt}: request must be a string`);
  if (typeof retry !== "boolean") throw new TypeError(`${attempt}: retry must be a boolean`);
  if (options.onWait !== undefined && typeof options.onWait !== "function") {
    throw new TypeError(`${attempt}: onWait must be a function`);
  }
}

/**
 * Checks what a caller asks for: a wrong type or name would fit every client, or none.
 *
 * @param nameOf What the caller calls a member, for messages.
 */
export function checkFit(
  fit: Fit,
  attempt: string,
  members: MembersOf<Fit> = WANTED, // whoever asks may hand over what it registers with
  nameOf: (member: keyof Fit) => string = (member) => member,
): void {
  const fail = (member: keyof Fit, what: string): never => {
    throw new TypeError(`${attempt}: ${nameOf(member)} must be ${what}`);
  };
  checkMembers(fit, members, attempt);
  const isList = (value: unknown) =>
    value === undefined || Array.isArray(value) && value.every((one) => typeof one === "string");
  const isText = (value: unknown) => value === undefined || typeof value === "string";
  if (!isList(fit.redirectUris)) fail("redirectUris", "an array of strings");
  if (!isText(fit.scope)) fail("scope", "a string");
  if (!isList(fit.grantTypes)) fail("grantTypes", "an array of strings");
  if (!isText(fit.tokenEndpointAuthMethod)) fail("tokenEndpointAuthMethod", "a string");
  const { anyLoopbackPort = true } = fit;
  if (typeof anyLoopbackPort !== "boolean") fail("anyLoopbackPort", "a boolean");
  if (fit.accept !== undefined && typeof fit.accept !== "function") {
    fail("accept", "a function");
  }
}
