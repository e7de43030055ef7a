import { isDeep, MAX_DEPTH } from "./depth.ts";

/**
 * A registered client as the authorization server described it: the answer to the registration
 * request, kept whole ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1 | RFC 7591,
 * section 3.2.1}).
 */
export interface ClientInformation {
  /** The client identifier; never empty. */
  client_id: string;
  /** The client secret of a confidential client; absent for a public one. */
  client_secret?: string;
  /** When the identifier was issued, in seconds since the epoch. */
  client_id_issued_at?: number;
  /** When the secret expires, in seconds since the epoch; 0 means never. */
  client_secret_expires_at?: number;
  /** Token for the client configuration endpoint ({@link https://www.rfc-editor.org/rfc/rfc7592#section-3 | RFC 7592, section 3}). */
  registration_access_token?: string;
  /** The client configuration endpoint ({@link https://www.rfc-editor.org/rfc/rfc7592#section-3 | RFC 7592, section 3}). */
  registration_client_uri?: string;
  /** The redirect URIs that the registration covers. */
  redirect_uris?: string[];
  /** The scope values that the client may ask for, separated by spaces. */
  scope?: string;
  /** How the client authenticates at the token endpoint. */
  token_endpoint_auth_method?: string;
  /** Any further member that the server returned, kept as it came. */
  [member: string]: unknown;
}

const STRING_MEMBERS = [
  "client_secret",
  "registration_access_token",
  "registration_client_uri",
  "scope",
  "token_endpoint_auth_method",
];
const TIME_MEMBERS = ["client_id_issued_at", "client_secret_expires_at"];

/**
 * Checks a client that is to be stored and returns it as the JSON value that will be read back.
 *
 * The message names the member that is wrong and never its value: it may be a secret.
 */
export function checkClientInformation(client: unknown, prefix: string): ClientInformation {
  const fail = (what: string): never => {
    throw new TypeError(`${prefix}: ${what}`);
  };
  if (typeof client !== "object" || client === null || Array.isArray(client)) {
    return fail("client must be an object with a client_id");
  }
  const given = client as Record<string, unknown>;
  if (typeof given.client_id !== "string" || given.client_id === "") {
    fail("client_id must be a non-empty string");
  }
  // Servers answer null for what does not apply.
  const present = (member: string) => given[member] !== undefined && given[member] !== null;
  for (const member of STRING_MEMBERS) {
    if (present(member) && typeof given[member] !== "string") fail(`${member} must be a string`);
  }
  for (const member of TIME_MEMBERS) {
    const time = given[member];
    if (present(member) && !(typeof time === "number" && time >= 0 && time < Infinity)) {
      fail(`${member} must be a number of seconds since the epoch, 0 or more`);
    }
  }
  const uris = given.redirect_uris;
  const isList = Array.isArray(uris) && uris.every((uri) => typeof uri === "string");
  if (present("redirect_uris") && !isList) fail("redirect_uris must be an array of strings");
  const deep = Object.keys(given).find((member) => isDeep(given[member], MAX_DEPTH));
  if (deep !== undefined) fail(`a member must not be nested deeper than ${MAX_DEPTH} levels`);
  let kept: ClientInformation;
  try {
    kept = JSON.parse(JSON.stringify(given));
  } catch {
    return fail("client must be a JSON object without cycles or BigInt members");
  }
  const isSame = (member: "client_id" | "client_secret") =>
    (kept?.[member] ?? undefined) === (given[member] ?? undefined);
  if (!isSame("client_id") || !isSame("client_secret")) {
    fail("client must be the same in JSON: remove its toJSON method");
  }
  // It says the same as no secret, for which the type has one spelling.
  if ((kept.client_secret as unknown) === null) delete kept.client_secret;
  return kept;
}
