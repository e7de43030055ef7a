/** What a token endpoint answers of a client that it does not know, or no longer (RFC 6749, section 5.2). */
const REJECTIONS = ["invalid_client", "unauthorized_client"];

/** The `client_id` that an answer of a token endpoint rejects; `known` tells where one ends. */
export async function rejectedClient(
  init: RequestInit | undefined,
  response: Response,
  known: readonly string[],
): Promise<string | undefined> {
  // The SDK sends a form to token endpoints only; what else comes may be a stream without an end.
  if (init?.method !== "POST" || !(init.body instanceof URLSearchParams)) return undefined;
  const client_id = clientOf(init.headers, init.body, known);
  if (client_id === undefined) return undefined;
  try {
    const { error } = Object(await response.clone().json());
    return REJECTIONS.includes(error) ? client_id : undefined;
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
