import type { ClientStore } from "../core/client_store.ts";
import type { Fit } from "../core/fit.ts";
import { quote } from "../core/issuer.ts";
import { isAlive } from "../core/registrations.ts";
import { noteRejection } from "../registration/document_notes.ts";
import { authorizationServer } from "./authorization_server.ts";
import { ClientChoice } from "./client_choice.ts";
import { DiscoveredServers } from "./discovered_servers.ts";
import { type HandedOut, HandedOutClients } from "./handed_out_clients.ts";
import { noteIssued } from "./issued_tokens.ts";
import { Login, type Tokens } from "./login.ts";
import { noteLogin } from "./loopback_ports.ts";
import type {
  ClientInformationMethods,
  InvalidatedCredentials,
  OAuthClientProviderLike,
  StoredClientInformation,
} from "./oauth_client_provider.ts";
import { ownClientOf } from "./own_client.ts";
import { readableClient } from "./readable_client.ts";
import { checkEndpoint } from "./register_through_store.ts";
import { checkSecret, keepAdded, keepRegistered } from "./saved_client.ts";
import { noteTokenOrigin } from "./token_origin.ts";

type Context = { issuer: string } | undefined;

/** What is remembered for one provider: what the SDK asks for and saves, through the store. */
export class ClientMemory implements ClientInformationMethods {
  readonly provider: OAuthClientProviderLike;
  readonly choice: ClientChoice;
  /**
   * Remembered from run to run: the clients, and the notes of `loopback_ports.ts`, `refresh_tokens.ts`
   * and `documents.ts`.
   */
  readonly store: ClientStore;
  /** Remembered as long as the provider is used: where each server is. */
  readonly servers: DiscoveredServers;
  /** Remembered as long as the provider is used: whose client is whose. */
  readonly handedOut: HandedOutClients = new HandedOutClients();
  /** Remembered until tokens come: which client the browser was sent with. */
  readonly login: Login = new Login();
  /** Remembered until the SDK asks again: what it was given. */
  #answered: HandedOut | undefined;
  /** Remembered until it asks again: what it calls the server. */
  #context: Context;

  constructor(
    provider: OAuthClientProviderLike,
    store: ClientStore,
    { issuer, ...fit }: Fit & { issuer?: string | undefined },
  ) {
    this.provider = provider;
    this.store = store;
    this.servers = new DiscoveredServers(issuer);
    this.choice = new ClientChoice(provider, store, fit, this.handedOut);
  }

  async clientInformation(context?: Context): Promise<StoredClientInformation | undefined> {
    this.#answered = undefined;
    this.#context = context;
    const seen = this.servers.meant(context);
    const server = seen ?? (context && authorizationServer(context.issuer, undefined));
    if (!server) {
      const own = await ownClientOf(this.provider, context);
      if (own) return this.#answer({ issuer: own.issuer ?? "", client: own, source: "own" }, own);
      throw notSeen("its issuer is not known");
    }
    const awaited = await this.#awaited(server.issuer, context);
    const chosen = awaited ?? await this.choice.choose({ server, context });
    // Which server the name is of, only its discovery tells: a secret needs to be sure.
    const isSafe = chosen?.source === "own" || chosen && chosen.client.client_secret === undefined;
    if (!seen && !isSafe) {
      throw notSeen(`how issuer ${quote(server.issuer)} was discovered is not known`);
    }
    if (!chosen) return undefined;
    if (chosen.source === "own") return this.#answer(chosen, chosen.client);
    const issuer = context?.issuer ?? chosen.issuer;
    const client = readableClient({ ...chosen.client, issuer });
    if (!awaited) await this.tellProvider(client, context);
    return this.#answer({ ...chosen, client }, client);
  }

  /** Whether the SDK may save a client: not where the provider has one for good. */
  get savesClients(): boolean {
    return this.provider.saveClientInformation !== undefined || this.#answered?.source !== "own";
  }

  async saveClientInformation(client: StoredClientInformation, context?: Context): Promise<void> {
    const issuer = this.#issuerOf(client, context);
    const given = this.handedOut.find(client.client_id, issuer) ?? this.#ownAnswered(client);
    if (!given) checkSecret(client, issuer, this.handedOut.find(client.client_id));
    if (client.client_id === this.provider.clientMetadataUrl) {
      this.handedOut.add({ issuer, client, source: "cimd" });
    } else if (given?.source === "own") {
      const isAdopted = await this.choice.adopt(issuer, client);
      if (isAdopted) this.handedOut.add({ issuer, client, source: "dcr" });
    } else if (given) {
      this.handedOut.add(await keepAdded(this.store, given, client));
    } else {
      const server = this.servers.at(issuer);
      const isSecret = client.client_secret !== undefined;
      if (isSecret && server?.registrationEndpoint !== undefined) checkEndpoint(server);
      await keepRegistered(this.store, issuer, client, this.choice.requested);
      if (server) await noteTokenOrigin(this.store, server, { ...client });
      this.handedOut.add({ issuer, client, source: "dcr" });
    }
    await this.provider.saveClientInformation?.(client, context);
  }

  async invalidateCredentials(
    scope: InvalidatedCredentials,
    ...context: unknown[]
  ): Promise<void> {
    if (scope === "client" || scope === "all") {
      this.login.end();
      const dead = this.handedOut.takeDead();
      if (dead && (dead.source !== "cimd" || scope === "client")) await this.forget(dead);
    }
    const { provider } = this;
    await provider.invalidateCredentials?.(...[scope, ...context] as [InvalidatedCredentials]);
  }

  async isClientInformationDynamicallyRegistered(): Promise<boolean> {
    const { source } = this.#answered ?? this.handedOut.last ?? {};
    if (source !== "own" && source !== undefined) return source === "dcr";
    return await this.provider.isClientInformationDynamicallyRegistered?.() === true;
  }

  /** The browser is about to be sent with this client. */
  async beginLogin(given: HandedOut | undefined): Promise<void> {
    const redirectUrl = String(this.provider.redirectUrl);
    this.login.begin(given, redirectUrl, await this.#tokens(this.#context));
    if (given?.source !== "dcr") return;
    const { issuer, client: { client_id } } = given;
    await noteLogin(this.store, { issuer, client_id, redirectUrl })
      .catch(() => {}); // what cannot be noted is no reason not to log in
  }

  /** The provider has tokens to keep: where nobody saw them come, this ends the login. */
  async tokensSaved(tokens: unknown): Promise<void> {
    const { access_token, refresh_token: refreshToken } = Object(tokens);
    const ended = this.login.endWith({ access_token });
    if (!ended) return;
    await noteIssued(this.store, ended.given, {
      redirectUrl: ended.redirectUrl,
      refreshToken: typeof refreshToken === "string" ? refreshToken : undefined,
    });
  }

  /** Learns of the server that the provider has discovered before, and passes that on. */
  learnState<T>(state: T): T {
    const { authorizationServerUrl: url, authorizationServerMetadata: document } = Object(state);
    if (typeof url === "string" && URL.canParse(url)) {
      this.servers.learn(new URL(url).href, document);
    }
    return state;
  }

  /** Acts on a rejection: the client is not given any more. */
  async forget({ issuer, client: { client_id }, source }: HandedOut): Promise<void> {
    if (source === "cimd") return await noteRejection(this.store, issuer, client_id, Date.now());
    const { all } = await this.store.registrations(issuer);
    const known = all.find((one) => isAlive(one) && one.client.client_id === client_id);
    if (known?.source === "dcr") await this.store.remove(issuer, { client_id });
  }

  /** Tells the provider of a client that it does not have: its own methods may ask it for that. */
  async tellProvider(client: StoredClientInformation, context: Context): Promise<void> {
    const { provider } = this;
    if (provider.saveClientInformation === undefined) return;
    const own = await ownClientOf(provider, context);
    if (own?.client_id === client.client_id) return;
    try {
      await provider.saveClientInformation(client, context);
    } catch {
      // one that expects this call after a registration only goes on without
    }
  }

  #answer<T extends StoredClientInformation>(given: HandedOut, client: T): T {
    this.#answered = given;
    if (given.issuer !== "") this.handedOut.add(given);
    return client;
  }

  /** The client that awaits a code, even if the store has another one by now. */
  async #awaited(issuer: string, context: Context): Promise<HandedOut | undefined> {
    const redirectUrl = String(this.provider.redirectUrl);
    const tokens = () => this.#tokens(context);
    const awaited = await this.login.clientAwaited(issuer, redirectUrl, tokens);
    if (awaited?.source !== "dcr") return awaited?.source === "own" ? undefined : awaited;
    const { all } = await this.store.registrations(issuer);
    const { client_id } = awaited.client;
    const known = all.find((one) => isAlive(one) && one.client.client_id === client_id);
    return known ? { ...awaited, client: known.client } : awaited;
  }

  /** The issuer at whose own address a client is used that is saved. */
  #issuerOf(client: StoredClientInformation, context: Context): string {
    const { servers } = this;
    // The 1.x line stamps with the address, the 2.x line tells what the document claims.
    const server = context
      ? servers.meant(context)
      : client.issuer === undefined
      ? servers.meant(undefined)
      : servers.at(client.issuer);
    const issuer = server?.issuer ?? context?.issuer ?? client.issuer;
    if (issuer === undefined) throw notSeen("its issuer is not known");
    if (!server) servers.learn(issuer, undefined);
    return issuer;
  }

  #ownAnswered({ client_id }: StoredClientInformation): HandedOut | undefined {
    const answered = this.#answered;
    const isOwn = answered?.source === "own" && answered.client.client_id === client_id;
    return isOwn ? answered : undefined;
  }

  async #tokens(context: Context): Promise<Tokens> {
    const { access_token, refresh_token } = Object(await this.provider.tokens?.(context));
    return { access_token, refresh_token };
  }
}

function notSeen(what: string): TypeError {
  return new TypeError(
    `Cannot find the client: ${what}: pass the fetch of withClientStore to the transport, or as ` +
      "fetchFn to auth, too (version 1.16 or later of the SDK takes it), or give withClientStore " +
      "the issuer",
  );
}
