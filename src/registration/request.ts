import { quote } from "../issuer.ts";
import { RegistrationError } from "./registration_error.ts";

/** How requests to an authorization server are made. */
export interface RegistrationRequestOptions {
  /** Ends the request. */
  signal?: AbortSignal;
  /** Makes the request; the global `fetch` unless given. */
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  /**
   * Allows http to servers that are not on this machine: everybody on the way can read the secrets,
   * and take them.
   */
  dangerouslyAllowInsecureRequests?: boolean;
}

/** Refuses a URL that would send secrets over the network in the clear. */
export function checkEndpoint(
  attempt: string,
  url: unknown,
  { dangerouslyAllowInsecureRequests = false }: RegistrationRequestOptions,
): URL {
  if (typeof url !== "string" || !URL.canParse(url)) {
    throw new RegistrationError(`${attempt}: the server names no usable endpoint`);
  }
  const { protocol, hostname } = new URL(url);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (
    protocol === "https:" ||
    protocol === "http:" && (isLoopback || dangerouslyAllowInsecureRequests)
  ) {
    return new URL(url);
  }
  throw new RegistrationError(
    `${attempt}: ${quote(url)} is not https, and not on this machine: use https`,
  );
}

/** Makes a request; what fails on the way is told without what was sent. */
export async function send(
  attempt: string,
  request: () => Promise<Response>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await request();
  } catch {
    if (signal?.aborted) throw signal.reason;
    throw new RegistrationError(
      `${attempt}: the server cannot be reached: check the network and the issuer`,
    );
  }
}

/** Reads a JSON object; `undefined` when the answer is none. */
export async function readObject(response: Response): Promise<Record<string, unknown> | undefined> {
  try {
    const body = await response.json();
    return typeof body === "object" && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** The error of an answer that refuses, as far as its body tells one. */
export async function refusal(attempt: string, response: Response): Promise<RegistrationError> {
  const { status } = response;
  const { error, error_description } = await readObject(response) ?? {};
  const options = {
    status,
    ...(typeof error === "string" && { error }),
    ...(typeof error_description === "string" && { error_description }),
  };
  const told = options.error === undefined
    ? ""
    : `, ${options.error}${options.error_description ? `: ${options.error_description}` : ""}`;
  return new RegistrationError(
    `${attempt}: the server refused with status ${status}${told}`,
    options,
  );
}
