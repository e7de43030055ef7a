import type { ClientInformation } from "../core/client_information.ts";
import type { ClientStore } from "../core/client_store.ts";
import { type Fit, fits } from "../core/fit.ts";
import { isSameIssuer } from "./authorization_server.ts";
import { DiscoveredServers, type RegisteringServer } from "./discovered_servers.ts";
import { type HandedOut, HandedOutClients } from "./handed_out_clients.ts";
import type {
  ClientInformationMethods,
  FetchLike,
  OAuthClientProviderLike,
  StoredClientInformation,
} from "./oauth_client_provider.ts";
import { registerThroughStore } from "./register_through_store.ts";
import { answerOf } from "./registration_answer.ts";
import { rejectedClient } from "./rejected_client.ts";
import { widerRequest } from "./wider_request.ts";

/** The client that the browser was sent with: the code that comes back is bound to it. */
interface Pending extends HandedOut {
  readonly redirectUrl: string;
  /** The refresh token of the login before; another one shows that the user has come in elsewhere. */
  readonly refreshToken: unknown;
}

/** The client of one provider: what the SDK asks for, answered from the store. */
export class PersistentClient implements ClientInformationMethods {
  readonly #provider: OAuthClientProviderLike;
  readonly #store: ClientStore;
  readonly #fit: Fit;
  readonly #fetch: FetchLike;
  readonly #servers: DiscoveredServers;
  readonly #handedOut: HandedOutClients = new HandedOutClients();
  #urlClient: StoredClientInformation | undefined;
  #pending: Pending | undefined;

  constructor(
    provider: OAuthClientProviderLike,
    store: ClientStore,
    { fetch, issuer, ...fit }: Fit & { fetch?: FetchLike; issuer?: string },
  ) {
    this.#provider = provider;
    this.#store = store;
    this.#fit = fit;
    this.#fetch = fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#servers = new DiscoveredServers(issuer);
  }

  async clientInformation(
    context?: { issuer: string },
  ): Promise<StoredClientInformation | undefined> {
    const issuer = context?.issuer ?? this.#servers.issuer;
    if (issuer === undefined) return undefined;
    if (this.#urlClient?.issuer && isSameIssuer(this.#urlClient.issuer, issuer)) {
      return this.#urlClient;
    }
    const client = await this.#pendingClient(issuer) ?? await this.#fittingClient(issuer);
    if (!client) return undefined;
    this.#handedOut.add(issuer, client);
    // Without its stamp the SDK would send it to any server, or save it again to put one on it.
    return typeof client.issuer !== "string" ? { ...client, issuer } : client;
  }

  async saveClientInformation(
    client: StoredClientInformation,
    context?: { issuer: string },
  ): Promise<void> {
    const issuer = client.issuer ?? context?.issuer ?? this.#servers.issuer;
    if (issuer === undefined) {
      throw new TypeError(
        "Cannot save client information: its issuer is not known: pass the fetch of withClientStore to the transport, too",
      );
    }
    this.#servers.issuer = issuer;
    if (isUrlClient(client)) {
      this.#urlClient = { ...client, issuer };
    } else if (!this.#handedOut.has(issuer, client.client_id)) {
      await this.#store.store(issuer, { ...client });
      this.#handedOut.add(issuer, { ...client });
    }
  }

  async invalidateCredentials(
    scope: Parameters<ClientInformationMethods["invalidateCredentials"]>[0],
  ): Promise<void> {
    if (scope === "client" || scope === "all") {
      this.#urlClient = this.#pending = undefined;
      const dead = this.#handedOut.takeDead();
      if (dead) await this.#store.remove(dead.issuer, { client_id: dead.client.client_id });
    }
    await this.#provider.invalidateCredentials?.(scope);
  }

  /** Learns of the server that the provider has discovered before, and passes that on. */
  learnState<T>(state: T): T {
    const { authorizationServerUrl: url, authorizationServerMetadata: document } = Object(state);
    if (typeof url === "string" && URL.canParse(url)) {
      this.#servers.learn(new URL(url).href, document);
    }
    return state;
  }

  /** The authorization request that the SDK is about to make, by a client that may ask for it. */
  async authorizationUrl(url: URL): Promise<URL> {
    const request = await this.#withScope(url);
    const sent = this.#handedOut.find(request.searchParams.get("client_id"));
    const redirectUrl = String(this.#provider.redirectUrl);
    const refreshToken = await this.#refreshToken();
    this.#pending = sent && { ...sent, redirectUrl, refreshToken };
    return request;
  }

  /** The flow has ended: the next one may be another client's. */
  endFlow(): void {
    this.#pending = undefined;
  }

  /** Sends a request; a registration goes through the store. */
  async fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    const target = new URL(url);
    const server = this.#servers.registeringAt(target.href);
    if (server && init?.method === "POST") {
      return await answerOf(this.#register(server, url, init), init);
    }
    const response = await this.#fetch(url, init);
    await this.#servers.learnFrom(target, response);
    const rejected = await rejectedClient(init, response, this.#handedOut.ids);
    if (rejected !== undefined) this.#handedOut.reject(rejected);
    return response;
  }

  /** The request with a client for its scope, which the SDK tells nobody before. */
  async #withScope(url: URL): Promise<URL> {
    const scope = url.searchParams.get("scope") ?? "";
    const { last } = this.#handedOut;
    if (last?.client.client_id !== url.searchParams.get("client_id")) return url;
    const { issuer, client } = last;
    const server = this.#servers.named(issuer);
    if (!server) return url;
    // A new request gives up the code of the one before, and with it the client that awaits it.
    const isGone = this.#pending?.client.client_id === client.client_id &&
      (await this.#store.lookup(issuer))?.client_id !== client.client_id;
    if (!isGone && fits({ client }, { scope })) return url;
    const { clientMetadata } = this.#provider;
    const init = widerRequest(client, { ...clientMetadata, ...(scope !== "" && { scope }) });
    try {
      const { client_id } = await this.#register(server, server.registrationEndpoint, init);
      const wider = new URL(url);
      wider.searchParams.set("client_id", client_id);
      return wider;
    } catch {
      return url; // with the client at hand the user may still come in
    }
  }

  /** The client that the store has for this request, or that the server registers. */
  async #register(
    { issuer }: RegisteringServer,
    url: string | URL,
    init: RequestInit,
  ): Promise<ClientInformation> {
    const send = (body?: string) => this.#fetch(url, body === undefined ? init : { ...init, body });
    const request = { issuer, body: init.body, signal: init.signal, send };
    const client = await registerThroughStore(this.#store, this.#fitNow(), request);
    this.#handedOut.add(issuer, client);
    return client;
  }

  /** The client that awaits a code, even if the store has another one by now. */
  async #pendingClient(issuer: string): Promise<ClientInformation | undefined> {
    const pending = this.#pending;
    const isAwaited = pending?.redirectUrl === String(this.#provider.redirectUrl) &&
      isSameIssuer(pending.issuer, issuer);
    if (!isAwaited) return undefined;
    const refreshToken = await this.#refreshToken();
    if (refreshToken !== undefined && refreshToken !== pending.refreshToken) return undefined;
    const stored = await this.#store.lookup(issuer);
    return stored?.client_id === pending.client.client_id ? stored : pending.client;
  }

  async #refreshToken(): Promise<unknown> {
    return Object(await this.#provider.tokens?.()).refresh_token;
  }

  async #fittingClient(issuer: string): Promise<ClientInformation | undefined> {
    const client = await this.#store.lookup(issuer);
    return client && fits({ client }, this.#fitNow()) ? client : undefined;
  }

  #fitNow(): Fit {
    const { redirectUrl } = this.#provider;
    if (redirectUrl === undefined || this.#fit.redirectUris !== undefined) return this.#fit;
    return { ...this.#fit, redirectUris: [String(redirectUrl)] };
  }
}

/** A client that was not registered, but names itself by the URL of its metadata document. */
function isUrlClient(client: StoredClientInformation): boolean {
  return client.client_id.startsWith("https://") && URL.canParse(client.client_id) &&
    !("redirect_uris" in client) && client.client_secret === undefined;
}
