import type { ClientInformation } from "../core/client_information.ts";
import type { ClientStore, GetOrRegisterOptions } from "../core/client_store.ts";
import { checkMembers, type MembersOf } from "../core/client_store_error.ts";
import { preRegisteredOf } from "../core/find_registration.ts";
import { checkFit, FIT } from "../core/check_fit.ts";
import type { Fit } from "../core/fit.ts";
import { RegistrationError } from "../core/registration_error.ts";
import type { Source } from "../core/registrations.ts";
import type { ServerMetadata } from "./metadata_document.ts";
import { checkRegistration, REGISTER, registerAt, type RegisterOptions } from "./register.ts";

/** Which ways there are to a client, and what it must be for. */
export interface ResolveClientOptions extends RegisterOptions {
  /**
   * What to register where no other way leads to a client
   * ({@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591, section 2}); a stored client
   * is used if it covers this. As for {@linkcode register}.
   */
  clientMetadata: Record<string, unknown>;
  /** The https URL of the document that describes the program: its client at servers that take one. */
  clientMetadataUrl?: string;
  /** The client that the user was given: it goes before all others. */
  preRegistered?: ClientInformation;
  /** The `client_id` that the server rejected (`invalid_client`), or the URL that it did. */
  replace?: string;
  /**
   * Says of a client whether it will do, such as that refresh tokens are bound to it: a registered one
   * that will do goes before the document.
   */
  accept?: (client: ClientInformation) => boolean;
  /** As for `getOrRegister`. */
  anyLoopbackPort?: boolean;
  /** Asks the server even though it has refused and the time to ask again has not come. */
  retry?: boolean;
  /** As for `getOrRegister`. */
  onWait?: GetOrRegisterOptions["onWait"];
}

const OPTIONS: MembersOf<ResolveClientOptions> = {
  clientMetadata: true,
  clientMetadataUrl: true,
  preRegistered: true,
  replace: true,
  accept: true,
  anyLoopbackPort: true,
  retry: true,
  onWait: true,
  ...REGISTER,
};

/** A client, and how the program came to it. */
export interface ResolvedClient {
  /** The client. */
  client: ClientInformation;
  /** `"pre-registered"`, `"cimd"` for the URL of a document, or `"dcr"`. */
  source: Source;
}

/**
 * Gives a program its client at an issuer: the one that the user was given (`preRegistered`, or stored
 * with `source: "pre-registered"`), else the URL of its document where the server takes it, else the
 * one that is stored and covers what is asked for, else one that is registered now, once for all who
 * ask. Where nothing has to be found out first, no request is made.
 *
 * A client that the user was given is never replaced. A document that the server has rejected (`replace`
 * with its URL) is not used again for 24 hours.
 *
 * @param store The store that remembers.
 * @param issuer The issuer identifier: https, or http on this machine.
 * @param options The `clientMetadata` to register, and the other ways to a client.
 * @returns The client and its `source`.
 * @throws {TypeError} If an argument is wrong, or an option is unknown.
 * @throws {ClientStoreError} If the store fails, or the client that the user was given does not fit or
 * was rejected (`code` is `"ERR_PRE_REGISTERED"`).
 * @throws {RegistrationError} If the server cannot be reached, or refuses. A refusal is remembered, and
 * told again without a request until it makes sense to ask: `retry` overrides that.
 *
 * @example Get a client
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 * import { resolveClient } from "@oauth2/client-store/registration";
 *
 * const issuer = "https://auth.example";
 * const fetch = (url: string) =>
 *   Promise.resolve(Response.json(
 *     url.includes(".well-known")
 *       ? { issuer, registration_endpoint: "https://auth.example/register" }
 *       : { client_id: "abc123" },
 *   ));
 * const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * const { client, source } = await resolveClient(store, issuer, {
 *   clientMetadata: { redirect_uris: ["http://127.0.0.1/callback"] },
 *   fetch,
 * });
 * console.log(client.client_id, source); // Prints: abc123 dcr
 * ```
 */
export async function resolveClient(
  store: ClientStore,
  issuer: string,
  options: ResolveClientOptions,
): Promise<ResolvedClient> {
  checkMembers(options, OPTIONS, "Cannot register client");
  const { clientMetadata, clientMetadataUrl: url, preRegistered, replace, accept } = options;
  const attempt = checkRegistration(issuer, clientMetadata, options);
  const fit = fitOf(options);
  checkFit(fit, attempt, FIT, (member) => METADATA[member] ?? member);
  if (preRegistered) {
    const { givenClient } = await import("./pre_registered_client.ts");
    const client = givenClient(attempt, preRegistered, fit, replace);
    return { client, source: "pre-registered" };
  }
  const standing = await store.registrations(issuer);
  const isGiven = preRegisteredOf(standing) !== undefined;
  if (url === undefined || isGiven) {
    const hit = replace === undefined ? await store.lookup(issuer, fit) : undefined;
    const client = hit ?? await registered(store, issuer, fit, options);
    return { client, source: isGiven ? "pre-registered" : "dcr" };
  }
  const { checkDocumentUrl, documentState, noteRejection } = await notes();
  checkDocumentUrl(attempt, url);
  const document: ResolvedClient = { client: { client_id: url }, source: "cimd" };
  if (replace === url) await noteRejection(store, issuer, url, Date.now());
  const state = replace === url ? "refused" : documentState(standing.notes, url, Date.now());
  const useDocument = async () => {
    // What the server has rejected must not be found by anybody else.
    const isRegistered = replace !== undefined && replace !== url;
    if (isRegistered) await store.remove(issuer, { client_id: replace });
    return document;
  };
  if (state === "taken" && (!accept || accept({ client_id: url }))) return await useDocument();
  const isOther = (client: ClientInformation) =>
    client.client_id !== replace && (!accept || accept(client));
  const known = await store.lookup(issuer, { ...fit, accept: isOther });
  if (known && replace === undefined) return { client: known, source: "dcr" };
  if (!known && state === "taken") return await useDocument();
  let server: ServerMetadata | undefined;
  if (!known && state === "unknown") {
    server = await discovered(store, issuer, attempt, options);
    if (server?.client_id_metadata_document_supported) return await useDocument();
  }
  return { client: await registered(store, issuer, fit, options, server), source: "dcr" };
}

/** The stored client that fits, or a new one. */
async function registered(
  store: ClientStore,
  issuer: string,
  fit: Fit,
  options: ResolveClientOptions,
  server?: ServerMetadata,
): Promise<ClientInformation> {
  const { clientMetadata, clientMetadataUrl, replace, retry, signal, initialAccessToken } = options;
  const { withApplicationType } = await import("./application_type.ts");
  const { application_type } = withApplicationType(clientMetadata);
  const register = async (more: { signal?: AbortSignal }) => {
    const attempt = checkRegistration(issuer, clientMetadata, options);
    const { discover } = await import("./discovery.ts");
    const endpoint = "registration_endpoint";
    const found = server ?? await discover(attempt, issuer, { ...options, ...more, endpoint });
    if (clientMetadataUrl !== undefined) {
      await (await notes()).noteSupport(store, issuer, found, Date.now());
    }
    return await registerAt(found, issuer, clientMetadata, { ...options, ...more });
  };
  return await store.getOrRegister(issuer, register, {
    ...fit,
    ...(typeof application_type === "string" && { requested: { application_type } }),
    ...(replace !== undefined && replace !== clientMetadataUrl && { replace }),
    ...(retry !== undefined && { retry }),
    ...(options.onWait && { onWait: options.onWait }),
    ...(signal && { signal }),
    request: await nameOf([clientMetadata, initialAccessToken]),
  });
}

const notes = () => import("./document_notes.ts");

/** Asks a server what it takes; what stands in the way of that, a registration will tell. */
async function discovered(
  store: ClientStore,
  issuer: string,
  attempt: string,
  options: ResolveClientOptions,
): Promise<ServerMetadata | undefined> {
  const { discover } = await import("./discovery.ts");
  try {
    const endpoint = "registration_endpoint";
    const server = await discover(attempt, issuer, { ...options, endpoint });
    // Where nothing can be kept, a document will do all the same.
    await (await notes()).noteSupport(store, issuer, server, Date.now()).catch(() => {});
    return server;
  } catch (error) {
    if (error instanceof RegistrationError) return undefined;
    throw error;
  }
}

/** What the caller has named in the words of the standard. */
const METADATA: { readonly [member: string]: string } = {
  redirectUris: "clientMetadata.redirect_uris",
  scope: "clientMetadata.scope",
  grantTypes: "clientMetadata.grant_types",
  tokenEndpointAuthMethod: "clientMetadata.token_endpoint_auth_method",
};

function fitOf(options: ResolveClientOptions): Fit {
  const { clientMetadata, accept, anyLoopbackPort } = options;
  const { redirect_uris, scope, grant_types, token_endpoint_auth_method } = clientMetadata;
  return {
    ...(redirect_uris !== undefined && { redirectUris: redirect_uris as string[] }),
    ...(scope !== undefined && { scope: scope as string }),
    ...(grant_types !== undefined && { grantTypes: grant_types as string[] }),
    ...(token_endpoint_auth_method !== undefined && {
      tokenEndpointAuthMethod: token_endpoint_auth_method as string,
    }),
    ...(accept && { accept }),
    ...(anyLoopbackPort !== undefined && { anyLoopbackPort }),
  };
}

/** Names a request without telling what is in it. */
async function nameOf(request: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(request));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 8);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
