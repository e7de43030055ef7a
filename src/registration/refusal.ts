import { isObject, parseJson } from "../core/json.ts";
import { quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { readBody } from "./read_body.ts";
import { serverText } from "./server_text.ts";

/** What a refusal is built from. */
export interface RefusalOptions {
  /** What was asked. */
  readonly url: string;
  /** What was sent as a secret: servers quote what they do not accept. */
  readonly secrets: readonly unknown[];
  readonly signal: AbortSignal | undefined;
  /** What to do about a status, where that is known. */
  readonly advice?: { readonly [status: number]: string };
}

/** The error of an answer that refuses: it says what the server said, in whatever form. */
export async function refusal(
  attempt: string,
  response: Response,
  { url, secrets, signal, advice = {} }: RefusalOptions,
): Promise<RegistrationError> {
  const { status } = response;
  const said = await saidBy(response, secrets, signal);
  const { error, error_description, text } = said;
  const retryAfter = secondsOf(response.headers.get("retry-after"), Date.now());
  const told = [error, error_description ?? text].filter((part) => part).join(": ");
  const target = redirectTarget(response, url);
  const what = target === undefined
    ? `the server refused with status ${status}${told === "" ? "" : `, ${told}`}`
    : `the server redirects (${status}) to ${quote(target)}, where nothing is sent`;
  const when = retryAfter === undefined ? "" : `: ask again in ${retryAfter} s`;
  const hint = advice[status] === undefined ? when : `: ${advice[status]}`;
  return new RegistrationError(`${attempt}: ${what}${hint}`, {
    status,
    ...(error !== undefined && { error }),
    ...(error_description !== undefined && { error_description }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** Where an answer redirects to. */
export function redirectTarget(
  { status, headers }: Response,
  base: string,
): string | undefined {
  const location = headers.get("location");
  if (status < 300 || status > 399 || location === null) return undefined;
  return URL.canParse(location, base) ? new URL(location, base).href : serverText(location);
}

/** In how many seconds `Retry-After` asks to come back, at most a day. */
export function secondsOf(retryAfter: string | null, now: number): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = /^\s*\d+\s*$/.test(retryAfter)
    ? Number(retryAfter)
    : Math.ceil((Date.parse(retryAfter) - now) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), 86_400);
}

interface Said {
  error?: string;
  error_description?: string;
  /** What was said in no form that has a place for it. */
  text?: string;
}

async function saidBy(
  response: Response,
  secrets: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<Said> {
  // Where the rest of it does not come, the status says enough.
  const { text } = await readBody(response, signal, 100_000).catch(() => {
    signal?.throwIfAborted();
    return { text: "" };
  });
  const parsed = parseJson(text);
  const body = isObject(parsed) ? parsed : {};
  const hidden = [...secrets, body.client_secret, body.registration_access_token];
  const tell = (...values: unknown[]) => {
    const told = values.find((one) => typeof one === "string" && one !== "");
    return told === undefined ? undefined : serverText(String(told), hidden) || undefined;
  };
  const challenge = challengeOf(response.headers.get("www-authenticate") ?? "");
  const nested = Object(body.error); // {"error": {"code": …, "message": …}}
  // RFC 7591, else RFC 6750, Okta, RFC 9457, and what frameworks answer with.
  const error = tell(body.error, challenge.error, body.errorCode, nested.code);
  const error_description = tell(
    body.error_description,
    challenge.error_description,
    body.errorSummary,
    body.detail,
    body.title,
    body.message,
    nested.message,
  );
  const isText = /^text\/plain\b/i.test(response.headers.get("content-type") ?? "");
  const plain = isText ? tell(text) : undefined;
  return {
    ...(error !== undefined && { error }),
    ...(error_description !== undefined && { error_description }),
    ...(plain !== undefined && { text: plain }),
  };
}

/** The parameters of a `WWW-Authenticate` header. */
function challengeOf(header: string): { [name: string]: string } {
  const found = header.slice(0, 10_000).matchAll(/([a-z_]{1,40})="((?:[^"\\]|\\.)*)"/gi);
  return Object.fromEntries(
    Array.from(found, ([, name = "", value = ""]) => [name.toLowerCase(), value]),
  );
}
