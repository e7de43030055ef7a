import type { ClientInformation } from "../core/client_information.ts";
import { checkMembers, type MembersOf } from "../core/client_store_error.ts";
import { checkIssuer, quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { readRegistration } from "./client_configuration.ts";
import type { ManagementOptions } from "./managed_client.ts";
import type { JudgeOptions } from "./metadata_document.ts";

/** Whether a client is still registered at its server, as far as that can be told. */
export type Liveness = "alive" | "dead" | "unknown";

/** How to verify a client. */
export interface VerifyClientOptions extends Omit<ManagementOptions, "issuer">, JudgeOptions {}

const OPTIONS: MembersOf<VerifyClientOptions> = {
  store: true,
  signal: true,
  fetch: true,
  warn: true,
  dangerouslyAcceptIssuer: true,
  dangerouslyAllowInsecureRequests: true,
};

/**
 * Asks a server whether it still knows a client: what otherwise only the browser learns.
 *
 * Where there are management data, the registration is read
 * ({@link https://www.rfc-editor.org/rfc/rfc7592#section-2.1 | RFC 7592, section 2.1}). Where that
 * does not say that it is there, the token endpoint is asked to redeem an authorization code that
 * cannot exist: `invalid_client` is dead, `invalid_grant` alive, everything else unknown
 * ({@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749, section 5.2}). Servers that
 * look at the code before the client are told by what their revocation endpoint says. It costs up to
 * a handful of requests: not for every run. A dead client goes to `getOrRegister` or `resolveClient`
 * as `replace`.
 *
 * @param issuer The issuer of the client.
 * @param client The client, with all that is known of it.
 * @param options The `store` that has the client: servers that issue a new registration access token
 * with every answer take the one before no more. A `signal`, a `fetch`.
 * @returns Whether it is alive; it never rejects for what a server answers, or does not.
 * @throws {TypeError} If `issuer` is no issuer identifier, `client` has no `client_id`, or an option is
 * unknown.
 *
 * @example Find out that a client is dead
 * ```ts
 * import { verifyClient } from "@oauth2/client-store/registration";
 *
 * const issuer = "https://auth.example";
 * const fetch = (url: string) =>
 *   Promise.resolve(
 *     url.includes(".well-known")
 *       ? Response.json({ issuer, token_endpoint: "https://auth.example/token" })
 *       : Response.json({ error: "invalid_client" }, { status: 401 }),
 *   );
 * console.log(await verifyClient(issuer, { client_id: "abc123" }, { fetch })); // Prints: dead
 * ```
 */
export async function verifyClient(
  issuer: string,
  client: ClientInformation,
  options: VerifyClientOptions = {},
): Promise<Liveness> {
  checkIssuer(issuer, "Cannot verify client");
  checkMembers(options, OPTIONS, "Cannot verify client");
  const attempt = `Cannot verify client for issuer ${quote(issuer)}`;
  if (typeof Object(client).client_id !== "string" || client.client_id === "") {
    throw new TypeError(`${attempt}: client must be an object with a client_id`);
  }
  const { registration_client_uri: uri, registration_access_token: token } = client;
  const isManaged = typeof uri === "string" && typeof token === "string";
  const read = isManaged ? await readLiveness(issuer, client, options) : "unknown";
  if (read !== "unknown") return read;
  return await unlessUnanswered(options, async () => {
    const [{ discover }, { probeTokenEndpoint }] = await Promise.all([
      import("./discovery.ts"),
      import("./token_endpoint_probe.ts"),
    ]);
    const server = await discover(attempt, issuer, { ...options, endpoint: "token_endpoint" });
    return await probeTokenEndpoint({ attempt, issuer, server, client }, options);
  });
}

async function readLiveness(
  issuer: string,
  client: ClientInformation,
  { dangerouslyAcceptIssuer: _, ...options }: VerifyClientOptions,
): Promise<Liveness> {
  return await unlessUnanswered(options, async () => {
    try {
      await readRegistration(client, { ...options, issuer });
      return "alive";
    } catch (error) {
      // 401 may be for the token alone, 404 for the endpoint.
      if (error instanceof RegistrationError && error.status === 410) return "dead";
      throw error;
    }
  });
}

async function unlessUnanswered(
  { signal }: VerifyClientOptions,
  ask: () => Promise<Liveness>,
): Promise<Liveness> {
  try {
    return await ask();
  } catch (error) {
    signal?.throwIfAborted();
    const isUnanswered = error instanceof RegistrationError || error instanceof TypeError;
    if (isUnanswered) return "unknown";
    throw error;
  }
}
