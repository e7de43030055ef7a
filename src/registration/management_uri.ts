import type { ClientAnswer } from "../core/client_answer.ts";
import { checkEndpoint, type RegistrationRequestOptions } from "./request.ts";
import { isToken } from "./token.ts";

/**
 * An answer with the management data that can be used
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-3 | RFC 7592, section 3}): a relative URI is
 * made whole, and one that nothing may be sent to is left out, as is a token that no header can hold.
 *
 * @param answer What the server has answered.
 * @param base The endpoint that answered.
 * @param namedBy The issuer, which must not send us nearer than it is itself.
 */
export function withUsableManagement(
  answer: ClientAnswer,
  base: string,
  namedBy: string,
  options: RegistrationRequestOptions,
): ClientAnswer {
  const client = { ...answer.client };
  const mended = [...answer.mended];
  const { registration_client_uri: uri, registration_access_token: token } = client;
  if (uri !== undefined && !isUsable(uri, namedBy, options)) {
    delete client.registration_client_uri;
    const whole = URL.canParse(uri) || !URL.canParse(uri, base)
      ? undefined
      : new URL(uri, base).href;
    if (whole !== undefined && isUsable(whole, namedBy, options)) {
      client.registration_client_uri = whole;
    }
    mended.push("registration_client_uri");
  }
  if (token !== undefined && !isToken(token)) {
    delete client.registration_access_token;
    mended.push("registration_access_token");
  }
  return { client, mended };
}

function isUsable(uri: string, namedBy: string, options: RegistrationRequestOptions): boolean {
  try {
    checkEndpoint("", uri, namedBy, options);
    return true;
  } catch {
    return false;
  }
}
