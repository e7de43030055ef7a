import type { ClientStore } from "../core/client_store.ts";
import type { MembersOf } from "../core/client_store_error.ts";
import { checkFit, FIT } from "../core/check_fit.ts";
import type { Fit } from "../core/fit.ts";
import type {
  ClientInformationMethods,
  FetchLike,
  OAuthClientProviderLike,
} from "./oauth_client_provider.ts";
import { ClientMemory } from "./client_memory.ts";
import { providerProxy } from "./provider_proxy.ts";
import { RememberingFetch } from "./remembering_fetch.ts";

/** How a provider uses the store: which clients fit, and how the server is reached. */
export interface WithClientStoreOptions extends Fit {
  /** Makes the requests; the global `fetch` unless given. */
  fetch?: FetchLike;
  /**
   * The issuer, for a program whose library does not pass the returned `fetch` on: without either, it
   * is not known which server a client is wanted for, and the flow fails before it registers.
   */
  issuer?: string;
  /**
   * Asks a server to register even though it has refused and the time to ask again has not come; a
   * refusal is remembered as `getOrRegister` remembers it.
   */
  retry?: boolean;
}

const OPTIONS: MembersOf<WithClientStoreOptions> = {
  ...FIT,
  fetch: true,
  issuer: true,
  retry: true,
};

/** A provider with a memory, named as the options of the SDK's transports are. */
export interface PersistentProvider<P> {
  /** The provider, its client kept in the store and everything else its own. */
  authProvider: Omit<P, keyof ClientInformationMethods> & ClientInformationMethods;
  /** Sends registrations through the store, and everything else as it is. */
  fetch: FetchLike;
}

/**
 * Gives a provider of the MCP TypeScript SDK a memory: it finds its client in `store`, and registers
 * only if there is none that will do. A provider is never worse off with it than without.
 *
 * The client is looked for in this order: the provider's own `clientInformation`, the client that the
 * user has stored as pre-registered, the document at `clientMetadataUrl` where the server takes it
 * (unless a refresh token is bound to a registered client), a registered client that covers the
 * redirect URL and the scope, and a new registration. What is registered or saved goes to the store and
 * to the provider's own `saveClientInformation`.
 *
 * Pass both to the transport, or `fetch` as `fetchFn` to `auth`: it is there that this library sees
 * which server is meant. Flows that start together, in whatever processes, register once then; the
 * management data of {@link https://www.rfc-editor.org/rfc/rfc7592 | RFC 7592}, which the SDK drops, is
 * kept; a client that the server rejects is not given again; and where a server takes no other port of
 * a loopback redirect URI than the registered one, the login after the failed one registers for it.
 *
 * A client goes only to the server at whose own address it was learnt, whatever that server's metadata
 * document claims.
 *
 * @param provider An `OAuthClientProvider` of either line. It keeps tokens and all else itself; it need
 * not have `clientInformation` and `saveClientInformation`.
 * @param store Where the clients are: `openClientStore()`.
 * @param options Which clients fit, a `fetch`, an `issuer`.
 * @returns What the transports of the SDK take: `authProvider` and `fetch`.
 * @throws {TypeError} If `provider` or `store` is none, or an option cannot be meant.
 *
 * @example Register on the first run only
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 * import { withClientStore } from "@oauth2/client-store/mcp";
 *
 * const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * const redirectUrl = "http://127.0.0.1/callback";
 * const provider = { redirectUrl, clientMetadata: { redirect_uris: [redirectUrl] } };
 * // new StreamableHTTPClientTransport(url, withClientStore(provider, openClientStore()))
 * const issuer = "https://auth.example";
 * const { authProvider } = withClientStore(provider, store, { issuer });
 * await authProvider.saveClientInformation?.({ client_id: "abc123", issuer }, { issuer });
 * console.log((await authProvider.clientInformation({ issuer }))?.client_id); // Prints: abc123
 * ```
 */
export function withClientStore<P extends OAuthClientProviderLike>(
  provider: P,
  store: ClientStore,
  options: WithClientStoreOptions = {},
): PersistentProvider<P> {
  if (typeof provider !== "object" || provider === null || !("redirectUrl" in provider)) {
    throw new TypeError("Cannot remember the client: provider must be an OAuthClientProvider");
  }
  if (typeof store?.getOrRegister !== "function") {
    throw new TypeError("Cannot remember the client: store must be what openClientStore returns");
  }
  checkFit(options, "Cannot remember the client", OPTIONS);
  const { fetch, retry, ...choice } = options;
  const memory = new ClientMemory(provider, store, choice);
  const requests = new RememberingFetch(memory, { fetch, retry });
  return {
    authProvider: providerProxy(provider, memory, requests),
    fetch: requests.fetch.bind(requests),
  };
}
