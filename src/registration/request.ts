import type { ClientInformation } from "../core/client_information.ts";
import { quote } from "../core/issuer.ts";
import { isObject } from "../core/json.ts";
import { RegistrationError } from "../core/registration_error.ts";

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

/** Makes a request, or reads its answer; what fails on the way is told without what was sent. */
export async function send<T>(
  attempt: string,
  request: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const isDenied = error instanceof Error && error.name === "NotCapable";
    const advice = isDenied ? "run with --allow-net" : "check the network and the issuer";
    const what = `the server cannot be reached, or its answer broke off${reason(error)}`;
    throw new RegistrationError(`${attempt}: ${what}: ${advice}`);
  }
}

/** What a runtime calls the failure, such as ECONNREFUSED: all of it that surely holds no secret. */
function reason(error: unknown): string {
  const { code: own, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  const code = own ?? cause?.code;
  return typeof code === "string" && /^[A-Z][A-Za-z_]{2,40}$/.test(code) ? ` (${code})` : "";
}

/** Reads a JSON object; `undefined` when the answer is none. */
async function readObject(
  attempt: string,
  response: Response,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown> | undefined> {
  const text = await send(attempt, () => response.text(), signal);
  try {
    const body = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}

/** The client of an answer that gives one, as it came. */
export async function readClient(
  attempt: string,
  response: Response,
  signal: AbortSignal | undefined,
): Promise<ClientInformation> {
  const client = await readObject(attempt, response, signal);
  if (typeof client?.client_id === "string" && client.client_id !== "") {
    return client as ClientInformation;
  }
  throw new RegistrationError(`${attempt}: the server answered without a client_id`, {
    status: response.status,
  });
}

/** The error of an answer that refuses, as far as its body tells one; `token` is what was sent. */
export async function refusal(
  attempt: string,
  response: Response,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<RegistrationError> {
  const { status } = response;
  const body = readObject(attempt, response, signal);
  // Where the rest of it does not come, the status says enough.
  const { error, error_description } = await body.catch(() => signal?.throwIfAborted()) ?? {};
  // Some servers quote the token that they do not accept.
  const tell = (text: string) => token ? text.replaceAll(token, "…") : text;
  const options = {
    status,
    ...(typeof error === "string" && { error: tell(error) }),
    ...(typeof error_description === "string" && { error_description: tell(error_description) }),
  };
  const told = options.error === undefined
    ? ""
    : `, ${options.error}${options.error_description ? `: ${options.error_description}` : ""}`;
  return new RegistrationError(
    `${attempt}: the server refused with status ${status}${told}`,
    options,
  );
}
