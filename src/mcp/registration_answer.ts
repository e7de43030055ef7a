import { clientAnswer } from "../core/client_answer.ts";
import type { ClientInformation } from "../core/client_information.ts";
import { RegistrationError, type RegistrationErrorOptions } from "../core/registration_error.ts";
import { parseJson } from "../registration/parse_json.ts";
import { readBody } from "../registration/read_body.ts";
import { readableClient } from "./readable_client.ts";

/** An answer that is no registration: every caller gets it as the server gave it. */
export class NotRegistered extends RegistrationError {
  /** The answer, anew for each caller. */
  readonly answer: () => Response;

  constructor(answer: () => Response, told: RegistrationErrorOptions) {
    super("The server has not registered a client", told);
    this.answer = answer;
  }
}

/**
 * The client that a registration endpoint has answered with, mended where it makes no sense.
 *
 * @throws {NotRegistered} If it has registered none.
 */
export async function registeredClient(
  response: Response,
  signal: AbortSignal | undefined,
): Promise<ClientInformation> {
  const { status } = response;
  const { text } = await readBody(response, signal);
  const body = parseJson(text);
  const answer = response.ok ? clientAnswer(body) : undefined;
  if (answer) return answer.client;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name); // of other bytes
  const { error, error_description } = Object(body);
  throw new NotRegistered(() => new Response(text || null, { status, headers }), {
    status,
    ...(typeof error === "string" && { error }),
    ...(typeof error_description === "string" && { error_description }),
  });
}

/** What a registration endpoint answers with this client, or where it has registered none. */
export async function answerOf(
  registration: Promise<ClientInformation>,
  requested: { redirect_uris?: unknown },
): Promise<Response> {
  try {
    return Response.json(readableClient(await registration, requested), { status: 201 });
  } catch (error) {
    if (error instanceof NotRegistered) return error.answer();
    throw error;
  }
}
