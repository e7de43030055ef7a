import type { ClientInformation } from "../client_information.ts";
import type { ClientStore } from "../client_store.ts";
import { type Fit, fits } from "../fit.ts";
import {
  type AuthorizationServer,
  authorizationServer,
  isSameIssuer,
  issuerAt,
} from "./authorization_server.ts";
import { type HandedOut, HandedOutClients } from "./handed_out_clients.ts";
import type {
  ClientInformationMethods,
  FetchLike,
  OAuthClientProviderLike,
  StoredClientInformation,
} from "./oauth_client_provider.ts";
import { answerOf, NotRegistered, parseJson, registeredClient } from "./registration_answer.ts";
import { rejectedClient } from "./rejected_client.ts";
import { joinedScope, withRequestedScope } from "./scope.ts";
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
  readonly #servers: Map<string, AuthorizationServer> = new Map();
  /** Where a server has sent the SDK for its document, and for whose. */
  readonly #moved: Map<string, string> = new Map();
  readonly #handedOut: HandedOutClients = new HandedOutClients();
  #issuer: string | undefined;
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
    this.#issuer = issuer;
  }

  async clientInformation(
    context?: { issuer: string },
  ): Promise<StoredClientInformation | undefined> {
    const issuer = context?.issuer ?? this.#issuer;
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
    const issuer = client.issuer ?? context?.issuer ?? this.#issuer;
    if (issuer === undefined) {
      throw new TypeError(
        "Cannot save client information: its issuer is not known: pass the fetch of withClientStore to the transport, too",
      );
    }
    this.#issuer = issuer;
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
    if (typeof url === "string" && URL.canParse(url)) this.#learn(new URL(url).href, document);
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
    const server = init?.method === "POST" ? this.#servers.get(target.href) : undefined;
    if (server) return await answerOf(this.#register(server, url, init));
    const response = await this.#fetch(url, init);
    const asked = this.#moved.get(target.href) ?? issuerAt(target);
    const location = response.headers.get("location");
    if (asked !== undefined && location !== null && URL.canParse(location, target)) {
      this.#moved.set(new URL(location, target).href, asked); // the SDK follows by itself
    } else if (asked !== undefined) {
      const document = response.ok ? parseJson(await response.clone().text()) : undefined;
      this.#learn(asked, document);
    }
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
    const [known] = this.#serversOf(issuer);
    if (known === undefined) return url;
    // A new request gives up the code of the one before, and with it the client that awaits it.
    const isGone = this.#pending?.client.client_id === client.client_id &&
      (await this.#store.lookup(issuer))?.client_id !== client.client_id;
    if (!isGone && fits(client, { scope })) return url;
    const { clientMetadata } = this.#provider;
    const request = widerRequest(client, { ...clientMetadata, ...(scope !== "" && { scope }) });
    const [endpoint, server] = known;
    try {
      const { client_id } = await this.#register(server, endpoint, request);
      const wider = new URL(url);
      wider.searchParams.set("client_id", client_id);
      return wider;
    } catch {
      return url; // with the client at hand the user may still come in
    }
  }

  /** The client that the store has for this request, or that the server registers. */
  async #register(
    { issuer }: AuthorizationServer,
    url: string | URL,
    init: RequestInit | undefined,
  ): Promise<ClientInformation> {
    const metadata = Object(parseJson(String(init?.body)));
    const fit = this.#fitFor();
    const scope = joinedScope(fit.scope, metadata.scope);
    const signal = init?.signal ?? undefined;
    const request = async (scope: string | undefined) => {
      const scoped = scope !== undefined && { body: JSON.stringify({ ...metadata, scope }) };
      return await registeredClient(await this.#fetch(url, { ...init, ...scoped }));
    };
    const register = async () => {
      const { scope: _, ...rest } = fit;
      const standing = await this.#store.lookup(issuer);
      const known = standing && fits(standing, rest) ? standing : undefined;
      // Flows that ask for different scopes in turn would else replace each other's client for ever.
      const wider = joinedScope(known?.scope, scope);
      try {
        return withRequestedScope(await request(wider), known, scope);
      } catch (error) {
        if (wider === scope || !(error instanceof NotRegistered)) throw error;
      }
      return withRequestedScope(await request(scope), known, scope);
    };
    const client = await this.#store.getOrRegister(issuer, register, {
      ...fit,
      ...(scope !== undefined && { scope }),
      ...(signal && { signal }),
    });
    this.#handedOut.add(issuer, client);
    // The SDK insists on redirect_uris, which a client that another program stored may lack.
    return { redirect_uris: metadata.redirect_uris, ...client };
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
    return client && fits(client, this.#fitFor()) ? client : undefined;
  }

  #learn(asked: string, document: unknown): void {
    const server = authorizationServer(asked, document);
    this.#issuer = server.issuer;
    const known = this.#serversOf(server.issuer);
    // One well-known place without a document says nothing of the next one, nor of what is known.
    if (document === undefined && known.length > 0) return;
    for (const [endpoint] of known) this.#servers.delete(endpoint);
    if (server.registrationEndpoint) this.#servers.set(server.registrationEndpoint, server);
  }

  #serversOf(issuer: string): [endpoint: string, server: AuthorizationServer][] {
    return [...this.#servers].filter(([, server]) => isSameIssuer(server.issuer, issuer));
  }

  #fitFor(): Fit {
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
