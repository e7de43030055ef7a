import type { ClientMemory } from "./client_memory.ts";
import type { ClientInformationMethods, OAuthClientProviderLike } from "./oauth_client_provider.ts";
import type { RememberingFetch } from "./remembering_fetch.ts";

/** A provider with its methods for clients taken over. */
export type WithMemory<P> = Omit<P, keyof ClientInformationMethods> & ClientInformationMethods;

type Method = (...args: unknown[]) => unknown;

/**
 * The provider with some members answered by its memory, some overheard, and all else its own. This is
 * the whole list of what is not passed on as it is.
 */
export function providerProxy<P extends OAuthClientProviderLike>(
  provider: P,
  memory: ClientMemory,
  requests: RememberingFetch,
): WithMemory<P> {
  const clientInformation = memory.clientInformation.bind(memory);
  const saveClientInformation = memory.saveClientInformation.bind(memory);
  const invalidateCredentials = memory.invalidateCredentials.bind(memory);
  const isDynamic = memory.isClientInformationDynamicallyRegistered.bind(memory);
  /** What the memory answers. */
  const answered: { readonly [member: PropertyKey]: () => unknown } = {
    clientInformation: () => clientInformation,
    saveClientInformation: () => memory.savesClients ? saveClientInformation : undefined,
    invalidateCredentials: () => invalidateCredentials,
    isClientInformationDynamicallyRegistered: () => isDynamic,
    // A server that has rejected the document is not asked again.
    clientMetadataUrl: () =>
      memory.choice.isDocumentRejected ? undefined : provider.clientMetadataUrl,
  };
  /** What it overhears. */
  const overheard: { readonly [member: PropertyKey]: (method: Method) => Method } = {
    // Whoever keeps what was discovered need not discover it again.
    discoveryState: (method) => async () => memory.learnState(await method()),
    saveDiscoveryState: (method) => (state) => method(memory.learnState(state)),
    redirectToAuthorization: (method) => async (url) =>
      await method(await requests.authorizationUrl(url as URL)),
    saveTokens: (method) => async (...tokens) => {
      await method(...tokens);
      await memory.tokensSaved(tokens[0]);
    },
  };
  const own = Object.fromEntries(Object.keys(answered).map((name) => [name, undefined]));
  // Not a proxy of the provider itself: what a frozen one has may not be answered otherwise.
  const target = Object.create(provider, Object.getOwnPropertyDescriptors(own));
  const proxy = new Proxy(target, {
    get(_, member) {
      if (Object.hasOwn(answered, member)) return answered[member]?.();
      const value = Reflect.get(provider, member, provider);
      if (typeof value !== "function") return value;
      const method: Method = value.bind(provider);
      return Object.hasOwn(overheard, member) ? overheard[member]?.(method) : method;
    },
    set: (_, member, value) => Reflect.set(provider, member, value),
  });
  return proxy as unknown as WithMemory<P>;
}
