import type { ClientStore } from "../core/client_store.ts";
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
   * The issuer, for a program of the 1.x line that does not pass the returned `fetch` on: without
   * either, a client cannot be found before it is registered.
   */
  issuer?: string;
}

/** A provider with a memory, named as the options of the SDK's transports are. */
export interface PersistentProvider<P> {
  /** The provider, its client kept in the store and everything else its own. */
  authProvider: Omit<P, keyof ClientInformationMethods> & ClientInformationMethods;
  /** Sends registrations through the store, and everything else as it is. */
  fetch: FetchLike;
}

/**
 * Gives a provider of the MCP TypeScript SDK a memory: it finds its client in `store`, and registers
 * only if there is none that is still valid and covers the provider's redirect URL.
 *
 * Where a flow asks for a scope that the client on disk is not registered for, one that covers it is
 * registered in its place.
 *
 * Pass both to the transport, or `fetch` as `fetchFn` to `auth`: then flows that start together,
 * in whatever processes, register once, and the management data of
 * {@link https://www.rfc-editor.org/rfc/rfc7592 | RFC 7592}, which the SDK drops, is kept. A client whose
 * identifier is a URL (Client ID Metadata Document) is no registration and stays in memory.
 *
 * @param provider An `OAuthClientProvider` of either line. It keeps tokens and all else itself; its own
 * `clientInformation` and `saveClientInformation` are not called any more.
 * @param store Where the clients are: `openClientStore()`.
 * @param options Which clients fit, a `fetch`, an `issuer`.
 * @returns What the transports of the SDK take: `authProvider` and `fetch`.
 * @throws {TypeError} If `provider` or `store` is none.
 *
 * @example Register on the first run only
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { createMemoryRuntime } from "@oauth2/client-store/memory";
 * import { withClientStore } from "@oauth2/client-store/mcp";
 * import { assertEquals } from "@std/assert";
 *
 * const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
 * const redirectUrl = "http://127.0.0.1/callback";
 * const provider = { redirectUrl, clientMetadata: { redirect_uris: [redirectUrl] } };
 * // new StreamableHTTPClientTransport(url, withClientStore(provider, openClientStore()))
 * const { authProvider } = withClientStore(provider, store);
 * const issuer = "https://auth.example";
 * await authProvider.saveClientInformation?.({ client_id: "abc123", issuer }, { issuer });
 * assertEquals((await authProvider.clientInformation({ issuer }))?.client_id, "abc123");
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
  const { fetch, ...choice } = options;
  const memory = new ClientMemory(provider, store, choice);
  const requests = new RememberingFetch(memory, fetch);
  return {
    authProvider: providerProxy(provider, memory, requests),
    fetch: requests.fetch.bind(requests),
  };
}
