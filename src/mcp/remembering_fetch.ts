import { parseJson } from "../core/json.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type { AuthorizationServer } from "./authorization_server.ts";
import type { ClientMemory } from "./client_memory.ts";
import type { HandedOut } from "./handed_out_clients.ts";
import { noteIssued } from "./issued_tokens.ts";
import type { FetchLike } from "./oauth_client_provider.ts";
import { readableClient } from "./readable_client.ts";
import { registerThroughStore } from "./register_through_store.ts";
import { answerOf } from "./registration_answer.ts";
import { tokenAnswer } from "./token_answer.ts";

/** What a token endpoint answers of a client that it does not know, or no longer (RFC 6749, section 5.2). */
const REJECTIONS = ["invalid_client", "unauthorized_client"];

/** The requests of one provider: registrations go through the store, and answers are learnt from. */
export class RememberingFetch {
  readonly #memory: ClientMemory;
  readonly #fetch: FetchLike;
  readonly #retry: boolean | undefined;
  /** The client that was registered just now: what it does not cover, no other one will. */
  #fresh: string | undefined;
  /** Whether requests come this way: else nothing is known of endpoints that no document names. */
  #isUsed = false;

  constructor(
    memory: ClientMemory,
    { fetch, retry }: { fetch: FetchLike | undefined; retry: boolean | undefined },
  ) {
    this.#memory = memory;
    this.#retry = retry;
    this.#fetch = fetch ?? ((url, init) => globalThis.fetch(url, init));
  }

  /** Sends a request. */
  async fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    if (!URL.canParse(String(url))) return await this.#fetch(url, init); // no address of a server
    this.#isUsed = true;
    const { servers } = this.#memory;
    const target = new URL(url);
    const server = servers.registeringAt(target.href);
    if (server && init?.method === "POST") {
      const metadata = Object(parseJson(String(init.body)));
      return await answerOf(this.#register(server, metadata, init), metadata);
    }
    const response = await this.#fetch(url, init);
    await servers.learnFrom(target, response);
    await this.#heed(target, init, response);
    return response;
  }

  /**
   * The authorization request that the SDK is about to make, by a client that may ask for it: the SDK
   * tells nobody before which scope that is, and the last login may have shown that the client at hand
   * will not do.
   */
  async authorizationUrl(url: URL): Promise<URL> {
    const memory = this.#memory;
    const sent = memory.handedOut.find(url.searchParams.get("client_id"));
    const other = sent?.source === "dcr" && sent.client.client_id !== this.#fresh
      // With the client at hand the user may still come in.
      ? await this.#otherFor(sent, url.searchParams.get("scope")).catch(() => undefined)
      : undefined;
    this.#fresh = undefined;
    await memory.beginLogin(other ?? sent);
    if (!other) return url;
    const request = new URL(url);
    request.searchParams.set("client_id", other.client.client_id);
    return request;
  }

  /** The client to use instead of one that will not do for this request. */
  async #otherFor(
    { issuer, client }: HandedOut,
    scope: string | null,
  ): Promise<HandedOut | undefined> {
    const { store, choice, provider, servers } = this.#memory;
    const server = servers.at(issuer);
    const fit = choice.fitFor(await store.registrations(issuer), server);
    // A server that is silent about the scope of a client may well give it more.
    const isScoped = scope !== null && typeof Object(client).scope === "string";
    const wanted = isScoped ? { ...fit, scope } : fit;
    const found = await store.lookup(issuer, {
      ...wanted,
      accept: (one) => one.client_id === client.client_id && (fit.accept?.(one) ?? true),
    });
    if (found || server?.registrationEndpoint === undefined) return undefined;
    if (!this.#isUsed && !server.isPublished) return undefined;
    const { grant_types, application_type } = Object(client);
    // The SDK fills these in where the provider leaves them out.
    const metadata = { grant_types, application_type, ...provider.clientMetadata };
    const request = scope === null ? metadata : { ...metadata, scope };
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const other = await this.#register(server, request, init);
    await this.#memory.tellProvider({ ...other, issuer: server.issuer }, {
      issuer: server.claimed,
    });
    return { issuer, client: other, source: "dcr" };
  }

  /** The client that the store has for this request, or that the server registers. */
  async #register(
    server: AuthorizationServer,
    metadata: Record<string, unknown>,
    init: RequestInit,
  ): Promise<ClientInformation> {
    const { store, choice, handedOut } = this.#memory;
    const fit = choice.fitFor(await store.registrations(server.issuer), server);
    const request = { server, metadata, init, fetch: this.#fetch, retry: this.#retry };
    const client = await registerThroughStore(store, fit, request);
    this.#fresh = client.client_id;
    handedOut.add({
      issuer: server.issuer,
      client: readableClient(client, metadata),
      source: "dcr",
    });
    return client;
  }

  /** Acts on what a token endpoint says of a client. */
  async #heed(target: URL, init: RequestInit | undefined, response: Response): Promise<void> {
    const { handedOut, servers, store, login } = this.#memory;
    const answer = await tokenAnswer(init, response, handedOut.ids);
    if (!answer) return;
    const { client_id, redeemed, refreshToken, error } = answer;
    const given = handedOut.find(client_id, ...servers.issuersAt(target.href));
    if (!given || given.source === "own") return;
    if (error !== undefined && REJECTIONS.includes(error)) handedOut.reject(given);
    if (redeemed !== undefined || error === "invalid_client") login.end(client_id);
    if (error === "invalid_client") {
      await this.#memory.forget(given)
        .catch(() => {}); // the SDK gets the answer all the same
    } else {
      await noteIssued(store, given, { redirectUrl: redeemed, refreshToken });
    }
  }
}
