/** What a token endpoint has answered to a client. */
export interface TokenAnswer {
  readonly client_id: string;
  /** The redirect URI of the code that tokens were given for. */
  readonly redeemed: string | undefined;
  /** The refresh token that was given. */
  readonly refreshToken: string | undefined;
  /** Why none were given, by the codes of RFC 6749, section 5.2. */
  readonly error: string | undefined;
}

/**
 * Reads what a token endpoint answers; `undefined` for any other answer. `known` are the clients that
 * the request can be from: they tell where a `client_id` ends.
 */
export async function tokenAnswer(
  init: RequestInit | undefined,
  response: Response,
  known: readonly string[],
): Promise<TokenAnswer | undefined> {
  // The SDK sends a form to token endpoints only; what else comes may be a stream without an end.
  if (init?.method !== "POST" || !(init.body instanceof URLSearchParams)) return undefined;
  const form = init.body;
  const client_id = clientOf(init.headers, form, known);
  if (client_id === undefined) return undefined;
  try {
    const { error, access_token, refresh_token } = Object(await response.clone().json());
    const isRedeemed = form.get("grant_type") === "authorization_code" &&
      access_token !== undefined;
    return {
      client_id,
      redeemed: isRedeemed ? form.get("redirect_uri") ?? undefined : undefined,
      refreshToken: typeof refresh_token === "string" ? refresh_token : undefined,
      error: typeof error === "string" ? error : undefined,
    };
  } catch {
    return undefined; // not an answer of a token endpoint
  }
}

/** The client that a token request is from: named in its body, or by HTTP Basic authentication. */
function clientOf(
  headers: RequestInit["headers"],
  form: URLSearchParams,
  known: readonly string[],
): string | undefined {
  const named = form.get("client_id");
  if (named !== null) return named;
  const [, credentials] = /^Basic (.+)$/i.exec(new Headers(headers).get("authorization") ?? "") ??
    [];
  try {
    const pair = credentials && atob(credentials);
    // It may hold a colon itself.
    return known.find((client_id) => pair?.startsWith(`${client_id}:`)) ?? pair?.split(":")[0];
  } catch {
    return undefined;
  }
}
