import type { ClientInformation } from "../core/client_information.ts";

/** An answer that is no registration: every caller gets it as the server gave it. */
export class NotRegistered extends Error {
  /** The answer, anew for each caller. */
  readonly answer: () => Response;

  constructor(answer: () => Response) {
    super("The server has not registered a client");
    this.answer = answer;
  }
}

/**
 * The client that a registration endpoint has answered with.
 *
 * @throws {NotRegistered} If it has not.
 */
export async function registeredClient(response: Response): Promise<ClientInformation> {
  const body = await response.text();
  const client = Object(parseJson(body));
  if (response.ok && typeof client.client_id === "string" && client.client_id !== "") return client;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name); // of other bytes
  throw new NotRegistered(() => new Response(body || null, { status: response.status, headers }));
}

/** What a registration endpoint answers with this client, or where it has registered none. */
export async function answerOf(
  registration: Promise<ClientInformation>,
  request: RequestInit,
): Promise<Response> {
  try {
    // The SDK insists on redirect_uris, which a client that another program stored may lack.
    const { redirect_uris } = Object(parseJson(String(request.body)));
    return Response.json({ redirect_uris, ...await registration }, { status: 201 });
  } catch (error) {
    if (error instanceof NotRegistered) return error.answer();
    throw error;
  }
}

/** The value of a JSON text; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}
