import type { ClientInformation } from "../client_information.ts";
import type { ClientStore } from "../client_store.ts";
import { type Fit, fits } from "../fit.ts";
import {
  type AuthorizationServer,
  authorizationServer,
  isSameIssuer,
  issuerAt,
} from "./authorization_server.ts";
import type {
  ClientInformationMethods,
  FetchLike,
  OAuthClientProviderLike,
  StoredClientInformation,
} from "./oauth_client_provider.ts";
import { rejectedClient } from "./rejected_client.ts";

interface HandedOut {
  readonly issuer: string;
  readonly client_id: string;
}

/** An answer that is no registration: every caller gets it as the server gave it. */
class NotRegistered extends Error {
  readonly answer: () => Response;

  constructor(answer: () => Response) {
    super("The server has not registered a client");
    this.answer = answer;
  }
}

/** The client of one provider: what the SDK asks for, answered from the store. */
export class PersistentClient implements ClientInformationMethods {
  readonly #provider: OAuthClientProviderLike;
  readonly #store: ClientStore;
  readonly #fit: Fit;
  readonly #fetch: FetchLike;
  readonly #servers: Map<string, AuthorizationServer> = new Map();
  readonly #handedOut: HandedOut[] = [];
  readonly #rejected: string[] = [];
  #issuer: string | undefined;
  #urlClient: StoredClientInformation | undefined;

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
    const client = await this.#store.lookup(issuer);
    if (!client || !fits(client, this.#fitFor())) return undefined;
    this.#handOut(issuer, client);
    // Without its stamp the SDK would save the client again, to put one on it.
    return context && typeof client.issuer !== "string" ? { ...client, issuer } : client;
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
    if (isUrlClient(client)) {
      this.#urlClient = { ...client, issuer };
    } else if (!this.#isHandedOut(issuer, client.client_id)) {
      this.#issuer ??= issuer;
      await this.#store.store(issuer, { ...client });
      this.#handOut(issuer, client);
    }
  }

  async invalidateCredentials(
    scope: Parameters<ClientInformationMethods["invalidateCredentials"]>[0],
  ): Promise<void> {
    if (scope === "client" || scope === "all") {
      this.#urlClient = undefined;
      const dead = this.#takeDead();
      if (dead) await this.#store.remove(dead.issuer, { client_id: dead.client_id });
    }
    await this.#provider.invalidateCredentials?.(scope);
  }

  /** Learns of the server that the provider has discovered before, and passes that on. */
  learnState<T>(state: T): T {
    const { authorizationServerUrl: url, authorizationServerMetadata: document } = Object(state);
    if (typeof url === "string" && URL.canParse(url)) this.#learn(new URL(url).href, document);
    return state;
  }

  /**
   * The authorization request that the SDK is about to make. It asks for a scope that the SDK tells
   * nobody before; where the client is not registered for it, one that is takes its place.
   */
  async authorizationUrl(url: URL): Promise<URL> {
    const scope = url.searchParams.get("scope") ?? "";
    const { issuer = "", client_id } = this.#handedOut.at(-1) ?? {};
    const client = await this.#store.lookup(issuer);
    const [endpoint] =
      [...this.#servers].find(([, server]) => isSameIssuer(server.issuer, issuer)) ?? [];
    const isOther = client_id !== url.searchParams.get("client_id");
    if (isOther || !endpoint || !client || coversScope(client, scope)) return url;
    const response = await this.fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...this.#provider.clientMetadata, scope }),
    });
    if (!response.ok) return url;
    const wider = new URL(url);
    wider.searchParams.set("client_id", (await response.json()).client_id);
    return wider;
  }

  /** Sends a request; a registration goes through the store. */
  async fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    const target = new URL(url);
    const server = init?.method === "POST" ? this.#servers.get(target.href) : undefined;
    if (server) return await this.#register(server, url, init);
    const response = await this.#fetch(url, init);
    const asked = issuerAt(target);
    if (asked !== undefined) {
      this.#learn(asked, response.ok ? await readJson(response.clone()) : undefined);
    }
    const rejected = await rejectedClient(init, response);
    if (rejected !== undefined) this.#rejected.push(rejected);
    return response;
  }

  async #register(
    { issuer }: AuthorizationServer,
    url: string | URL,
    init: RequestInit | undefined,
  ): Promise<Response> {
    const { redirect_uris, scope } = Object(parseJson(String(init?.body)));
    const signal = init?.signal ?? undefined;
    const { accept = () => true, ...fit } = this.#fitFor();
    try {
      const client = await this.#store.getOrRegister(
        issuer,
        async ({ signal }) => {
          const client = await answerOf(
            await this.#fetch(url, { ...init, ...(signal && { signal }) }),
          );
          // Noted, so that a server that grants less is not asked for more on every run.
          return coversScope(client, scope) ? client : { ...client, requested_scope: scope };
        },
        {
          ...fit,
          accept: (client) => coversScope(client, scope) && accept(client),
          ...(signal && { signal }),
        },
      );
      this.#handOut(issuer, client);
      // The SDK insists on redirect_uris, which a client that another program stored may lack.
      return Response.json({ redirect_uris, ...client }, { status: 201 });
    } catch (error) {
      if (error instanceof NotRegistered) return error.answer();
      throw error;
    }
  }

  /** The client that the server has rejected, or, where no rejection was seen, the last one. */
  #takeDead(): HandedOut | undefined {
    const rejected = this.#rejected.shift() ?? this.#handedOut.at(-1)?.client_id;
    const at = this.#handedOut.findLastIndex(({ client_id }) => client_id === rejected);
    return at < 0 ? undefined : this.#handedOut.splice(at, 1)[0];
  }

  #learn(asked: string, document: unknown): void {
    const server = authorizationServer(asked, document);
    this.#issuer = server.issuer;
    if (server.registrationEndpoint) this.#servers.set(server.registrationEndpoint, server);
  }

  #fitFor(): Fit {
    const { redirectUrl } = this.#provider;
    return redirectUrl === undefined
      ? this.#fit
      : { redirectUris: [String(redirectUrl)], ...this.#fit };
  }

  #handOut(issuer: string, { client_id }: { client_id: string }): void {
    if (!this.#isHandedOut(issuer, client_id, -1)) this.#handedOut.push({ issuer, client_id });
  }

  #isHandedOut(issuer: string, client_id: string, since = 0): boolean {
    return this.#handedOut.slice(since).some((client) =>
      client.client_id === client_id && isSameIssuer(client.issuer, issuer)
    );
  }
}

/** A client that was not registered, but names itself by the URL of its metadata document. */
function isUrlClient(client: StoredClientInformation): boolean {
  return client.client_id.startsWith("https://") && URL.canParse(client.client_id) &&
    !("redirect_uris" in client) && client.client_secret === undefined;
}

/** Tells whether a client may ask for this scope, or has asked to be allowed to before. */
function coversScope(client: ClientInformation, scope: unknown): boolean {
  if (typeof scope !== "string") return true;
  const { requested_scope } = client;
  return fits(client, { scope }) ||
    typeof requested_scope === "string" && fits({ ...client, scope: requested_scope }, { scope });
}

async function answerOf(response: Response): Promise<ClientInformation> {
  const body = await response.text();
  const client = Object(parseJson(body));
  if (response.ok && typeof client.client_id === "string" && client.client_id !== "") return client;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name); // of other bytes
  throw new NotRegistered(() => new Response(body || null, { status: response.status, headers }));
}

async function readJson(response: Response): Promise<unknown> {
  return parseJson(await response.text());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}
