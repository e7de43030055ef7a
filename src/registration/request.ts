import { quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { mayLeadTo, placeOf } from "../core/addresses.ts";
import { unreachable } from "./unreachable.ts";

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

/**
 * Refuses a URL that would send secrets over the network in the clear, or that leads nearer to us than
 * what names it: an issuer on the internet must not send us to this machine or to a private network.
 */
export function checkEndpoint(
  attempt: string,
  url: unknown,
  namedBy: string | undefined,
  { dangerouslyAllowInsecureRequests = false }: RegistrationRequestOptions,
): URL {
  const fail = (what: string): never => {
    throw new RegistrationError(`${attempt}: ${what}`);
  };
  if (typeof url !== "string" || !URL.canParse(url)) {
    return fail("the server names no usable endpoint");
  }
  const target = new URL(url);
  if (target.username !== "" || target.password !== "") {
    fail(`${quote(url)} holds a user name or a password: ask the server's operator`);
  }
  const place = placeOf(target);
  const isSafe = target.protocol === "https:" ||
    target.protocol === "http:" &&
      (place === "this machine" || dangerouslyAllowInsecureRequests);
  if (!isSafe) fail(`${quote(url)} is not https, and not on this machine: use https`);
  if (namedBy !== undefined && !mayLeadTo(new URL(namedBy), target)) {
    fail(
      `the server names ${quote(url)}, which is on ${the(place)}, and ${quote(namedBy)} is not: ` +
        "nothing is sent there",
    );
  }
  return target;
}

function the(place: string): string {
  return place === "private network" ? "a private network" : `this ${place.replace("this ", "")}`;
}

/**
 * Makes a request to `url`, or reads its answer; what fails on the way is told without what was sent.
 */
export async function send<T>(
  attempt: string,
  request: () => Promise<T>,
  signal: AbortSignal | undefined,
  url?: string,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new RegistrationError(`${attempt}: ${unreachable(error, url)}`);
  }
}
