/**
 * Makes an MCP client remember its registration: `withClientStore` gives its `OAuthClientProvider` a
 * memory. For both lines of the MCP TypeScript SDK (`@modelcontextprotocol/client` 2.x and
 * `@modelcontextprotocol/sdk` 1.x) and libraries that take such a provider; it imports none of them.
 *
 * For programs that leave OAuth to one of these; others call `resolveClient` of `./registration`.
 *
 * @module
 */
export {
  type PersistentProvider,
  withClientStore,
  type WithClientStoreOptions,
} from "./with_client_store.ts";
export type {
  ClientInformationMethods,
  FetchLike,
  InvalidatedCredentials,
  OAuthClientProviderLike,
  StoredClientInformation,
} from "./oauth_client_provider.ts";
export type { ClientInformation } from "../core/client_information.ts";
export type {
  AmendOptions,
  ChangeOptions,
  ClientStore,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  Registrant,
  ReplacedClient,
  StoreOptions,
} from "../core/client_store.ts";
export type {
  Notes,
  Registration,
  Registrations,
  Requested,
  Source,
  State,
} from "../core/registrations.ts";
export type { JsonValue } from "@std/json/types";
export type { Fit } from "../core/fit.ts";
