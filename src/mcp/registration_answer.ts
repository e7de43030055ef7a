import { parseJson } from "../core/json.ts";
import { clientAnswer } from "../core/client_answer.ts";
import type { ClientInformation } from "../core/client_information.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { readBody } from "../registration/read_body.ts";
import { refusal } from "../registration/refusal.ts";
import { readableClient } from "./readable_client.ts";

/** An answer that is no registration: every caller gets it as the server gave it. */
export class NotRegistered extends RegistrationError {
  /** The answer, anew for each caller. */
  readonly answer: () => Response;

  constructor(
    { message, status, error, error_description, retryAfter }: RegistrationError,
    answer: () => Response,
  ) {
    super(message, {
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error }),
      ...(error_description !== undefined && { error_description }),
      ...(retryAfter !== undefined && { retryAfter }),
    });
    this.answer = answer;
  }
}

/**
 * The client that a registration endpoint has answered with, as it came.
 *
 * @throws {NotRegistered} If it has registered none.
 */
export async function registeredClient(
  attempt: string,
  url: string,
  response: Response,
  { secrets, signal }: { secrets: readonly unknown[]; signal: AbortSignal | undefined },
): Promise<ClientInformation> {
  const { status } = response;
  const { text } = await readBody(response, signal);
  const body = parseJson(text);
  if (response.ok && clientAnswer(body)) return body as ClientInformation;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name); // of other bytes
  const answer = () => new Response(text || null, { status, headers });
  const error = response.ok
    ? new RegistrationError(`${attempt}: the server answered without a client_id`, { status })
    : await refusal(attempt, answer(), { url, secrets, signal });
  throw new NotRegistered(error, answer);
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
    // Another process was refused, and this one is told: as the server would say it.
    const { name, status, error: code, message } = Object(error);
    if (name !== "RegistrationError" || !(status >= 400 && status < 600)) throw error;
    const body = { error: code ?? "invalid_request", error_description: message };
    return Response.json(body, { status });
  }
}
