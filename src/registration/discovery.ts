import { parseJson } from "../core/json.ts";
import { quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { mayLeadTo } from "../core/addresses.ts";
import { judgeMetadata, type JudgeOptions, type ServerMetadata } from "./metadata_document.ts";
import { discard, readBody } from "./read_body.ts";
import { redirectTarget, secondsOf } from "./refusal.ts";
import { checkEndpoint, type RegistrationRequestOptions, send } from "./request.ts";

/** How to discover a server. */
export interface DiscoveryOptions extends RegistrationRequestOptions, JudgeOptions {
  /** The endpoint that it is about: a document without it will do only where none has it. */
  readonly endpoint?: "registration_endpoint" | "token_endpoint";
}

const MAX_REDIRECTS = 5;

/**
 * The places that servers publish their metadata at
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 | RFC 8414, section 3.1}, OpenID Connect
 * Discovery, and what servers make of both).
 */
export function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const [oauth, openid] = ["oauth-authorization-server", "openid-configuration"];
  return [
    ...new Set([
      `${origin}/.well-known/${oauth}${path}`,
      `${origin}/.well-known/${openid}${path}`,
      `${origin}${path}/.well-known/${openid}`,
      `${origin}${path}/.well-known/${oauth}`,
    ]),
  ];
}

/**
 * Discovers the metadata of the server with this issuer identifier.
 *
 * @param attempt What is being attempted, for messages.
 * @throws {RegistrationError} If it cannot be reached, or publishes none of its own: the message says
 * what each place answered.
 */
export async function discover(
  attempt: string,
  issuer: string,
  options: DiscoveryOptions,
): Promise<ServerMetadata> {
  checkEndpoint(attempt, issuer, undefined, options);
  const { endpoint } = options;
  let first: ServerMetadata | undefined;
  let stranger: RegistrationError | undefined;
  const answers: Answer[] = [];
  for (const url of metadataUrls(issuer)) {
    const answer = await ask(attempt, url, issuer, options);
    answers.push(answer);
    if (answer.document === undefined) continue;
    try {
      const metadata = judgeMetadata(attempt, issuer, answer.document, options);
      if (metadata === undefined) answer.what = `no metadata (${answer.status})`;
      else if (endpoint === undefined || metadata[endpoint] !== undefined) return metadata;
      else first ??= metadata;
    } catch (error) {
      stranger ??= error as RegistrationError;
    }
  }
  if (first) return first;
  throw stranger ?? noMetadata(attempt, answers);
}

interface Answer {
  readonly url: string;
  readonly status: number;
  readonly document?: unknown;
  readonly retryAfter?: number | undefined;
  /** What was answered, for messages. */
  what: string;
}

/** Asks for one document, and follows where it has been moved to. */
async function ask(
  attempt: string,
  url: string,
  issuer: string,
  options: DiscoveryOptions,
): Promise<Answer> {
  const { signal, fetch = globalThis.fetch } = options;
  const headers = { accept: "application/json" };
  const init: RequestInit = { headers, redirect: "manual", ...(signal && { signal }) };
  let at = url;
  for (let moves = 0;; moves++) {
    const response = await send(attempt, () => fetch(at, init), signal, at);
    const { status } = response;
    const location = redirectTarget(response, at);
    if (location !== undefined) {
      discard(response);
      const target = URL.canParse(location, at) ? new URL(location, at) : undefined;
      if (moves < MAX_REDIRECTS && target && mayFollow(new URL(issuer), new URL(at), target)) {
        at = target.href;
        continue;
      }
      return { url, status, what: `${status} to ${quote(target?.href ?? location)}, not followed` };
    }
    if (status !== 200) {
      discard(response);
      const retryAfter = secondsOf(response.headers.get("retry-after"), Date.now());
      return { url, status, retryAfter, what: `${status}` };
    }
    const { text, isWhole } = await send(attempt, () => readBody(response, signal), signal);
    const moved = at === url ? "" : ` at ${quote(at)}`;
    if (!isWhole) return { url, status, what: `more than 1 MB${moved}` };
    const document = parseJson(text);
    return {
      url,
      status,
      document,
      what: document === undefined ? `no JSON (200)${moved}` : `metadata of another issuer${moved}`,
    };
  }
}

/** A document may move within its origin, or to https that is not nearer to us than the issuer. */
function mayFollow(issuer: URL, from: URL, to: URL): boolean {
  if (to.username !== "" || to.password !== "" || !mayLeadTo(issuer, to)) return false;
  return to.protocol === "https:" || to.origin === from.origin && to.protocol === from.protocol;
}

function noMetadata(attempt: string, answers: readonly Answer[]): RegistrationError {
  const told = answers.map(({ url, what }) => `${new URL(url).pathname}: ${what}`).join("; ");
  // A server that is busy or ill says more than one that has no such page.
  const { status = 0, retryAfter } =
    answers.find(({ status }) => status === 429 || status >= 500) ?? answers.at(-1) ?? {};
  const advice = status === 429 || status >= 500 ? "ask again later" : "check the issuer";
  return new RegistrationError(
    `${attempt}: the server publishes no metadata (${told}): ${advice}`,
    { status, ...(retryAfter !== undefined && { retryAfter }) },
  );
}
