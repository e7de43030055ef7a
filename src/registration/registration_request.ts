import { parseJson } from "../core/json.ts";
import type { Client } from "oauth4webapi";
import { clientAnswer, warnOfMended } from "../core/client_answer.ts";
import type { ClientInformation } from "../core/client_information.ts";
import { quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { withApplicationType, withOtherApplicationType } from "./application_type.ts";
import { withUsableManagement } from "./management_uri.ts";
import type { ServerMetadata } from "./metadata_document.ts";
import { discard, readBody } from "./read_body.ts";
import { redirectTarget, refusal } from "./refusal.ts";
import type { RegisterOptions } from "./register.ts";
import { checkEndpoint, send } from "./request.ts";

const WITHOUT_TOKEN = {
  401: "the server wants an initial access token (initialAccessToken): ask its operator for one",
  403: "the server may want an initial access token (initialAccessToken), or register nobody: " +
    "ask its operator for one, or for a client_id",
};
const WITH_TOKEN = {
  401: "the initial access token (initialAccessToken) is not accepted: check that it is whole, " +
    "for this server, and neither expired nor used up",
  403: "the initial access token (initialAccessToken) does not allow this registration: " +
    "ask the server's operator what it allows",
};

/** What is to be registered, and where. */
export interface RegistrationRequest {
  /** For messages. */
  readonly attempt: string;
  readonly issuer: string;
  readonly server: ServerMetadata;
  readonly clientMetadata: Record<string, unknown>;
}

/**
 * Sends a registration request to a server that was discovered
 * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-3.1 | RFC 7591, section 3.1}).
 *
 * @returns What the server answered, mended where it has no sense.
 */
export async function requestRegistration(
  { attempt, issuer, server, clientMetadata }: RegistrationRequest,
  options: RegisterOptions,
): Promise<ClientInformation> {
  if (server.registration_endpoint === undefined) {
    throw new RegistrationError(
      `${attempt}: the server has no registration_endpoint: ask its operator for a client_id`,
    );
  }
  const endpoint = checkEndpoint(attempt, server.registration_endpoint, issuer, options);
  checkTokenOrigin(attempt, issuer, endpoint, options);
  const { initialAccessToken, signal, warn = console.warn } = options;
  const { software_statement, client_secret } = clientMetadata;
  const advice = initialAccessToken === undefined ? WITHOUT_TOKEN : WITH_TOKEN;
  const secrets = [initialAccessToken, software_statement, client_secret];
  const post = async (metadata: Record<string, unknown>) => {
    const { response, url } = await follow(attempt, endpoint, metadata, options);
    // RFC 7591 says 201; servers that answer 200 have registered the client as well.
    if (!response.ok) {
      return await refusal(attempt, response, { url, secrets, signal, advice });
    }
    const answer = withUsableManagement(
      await read(attempt, response, signal),
      url,
      issuer,
      options,
    );
    warnOfMended(answer, issuer, warn);
    return answer.client;
  };
  const metadata = withApplicationType(clientMetadata);
  const outcome = await post(metadata);
  if (!(outcome instanceof RegistrationError)) return outcome;
  if (!isRefusedForItsType(outcome) || metadata === clientMetadata) throw outcome;
  const second = await post(withOtherApplicationType(metadata));
  if (second instanceof RegistrationError) throw outcome;
  return second;
}

/** Sends the request, and once more where the same origin says that the endpoint has moved. */
async function follow(
  attempt: string,
  endpoint: URL,
  metadata: Record<string, unknown>,
  options: RegisterOptions,
): Promise<{ response: Response; url: string }> {
  // Loaded here: what finds its client in the store does without.
  const oauth = await import("oauth4webapi");
  const { initialAccessToken, signal, fetch } = options;
  for (let url = endpoint, isFirst = true;; isFirst = false) {
    const server = { issuer: endpoint.origin, registration_endpoint: url.href };
    const request = () =>
      oauth.dynamicClientRegistrationRequest(server, metadata as Partial<Client>, {
        // Which http is allowed has been checked already, more strictly.
        [oauth.allowInsecureRequests]: true,
        ...(signal && { signal }),
        ...(fetch && {
          [oauth.customFetch]: (url: string, init: unknown) => fetch(url, init as RequestInit),
        }),
        ...(initialAccessToken !== undefined && { initialAccessToken }),
      });
    const response = await send(attempt, request, signal, url.href);
    const target = redirectTarget(response, url.href);
    const mayFollow = isFirst && initialAccessToken === undefined && target !== undefined &&
      (response.status === 307 || response.status === 308) &&
      URL.canParse(target) && new URL(target).origin === url.origin;
    if (!mayFollow) return { response, url: url.href };
    discard(response);
    url = new URL(target);
  }
}

async function read(attempt: string, response: Response, signal: AbortSignal | undefined) {
  const { status } = response;
  const { text, isWhole } = await send(attempt, () => readBody(response, signal), signal);
  const answer = isWhole ? clientAnswer(parseJson(text)) : undefined;
  if (answer) return answer;
  const what = isWhole ? "without a client_id" : "with more than 1 MB";
  throw new RegistrationError(`${attempt}: the server answered ${what}`, { status });
}

/** The initial access token goes to the issuer itself, or to whom the caller names. */
function checkTokenOrigin(
  attempt: string,
  issuer: string,
  endpoint: URL,
  { initialAccessToken, initialAccessTokenOrigin }: RegisterOptions,
): void {
  if (initialAccessToken === undefined) return;
  const { origin } = new URL(initialAccessTokenOrigin ?? issuer);
  if (endpoint.origin === origin || endpoint.origin === new URL(issuer).origin) return;
  throw new RegistrationError(
    `${attempt}: the registration endpoint is at ${
      quote(endpoint.origin)
    }, another origin than the ` +
      "issuer's: pass it as initialAccessTokenOrigin if it may have the initial access token",
  );
}

/** Tells whether a registration was refused for its `application_type`. */
export function isRefusedForItsType(
  { status, error, error_description }: RegistrationError,
): boolean {
  const isInvalid = status === 400 || status === 422;
  return isInvalid &&
    /application.?type|\b(native|web)\b/i.test(`${error ?? ""} ${error_description ?? ""}`);
}
