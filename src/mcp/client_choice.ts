import type { ClientStore } from "../core/client_store.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type { Fit } from "../core/fit.ts";
import { isAlive, type Registrations, type Requested, type Source } from "../core/registrations.ts";
import { isSameIssuer } from "../registration/metadata_document.ts";
import type { AuthorizationServer } from "./authorization_server.ts";
import { isRejectedDocument, isUsedDocument } from "./documents.ts";
import type { HandedOut, HandedOutClients } from "./handed_out_clients.ts";
import { withPorts } from "./loopback_ports.ts";
import { boundRegistration } from "./refresh_tokens.ts";
import type { OAuthClientProviderLike, StoredClientInformation } from "./oauth_client_provider.ts";
import { boundElsewhere, isRegisteredDynamically, ownClientOf } from "./own_client.ts";
import { atHome } from "./token_origin.ts";

/** The members of a request that are kept with the client that it was for. */
const REQUESTED = [
  "redirect_uris",
  "scope",
  "grant_types",
  "token_endpoint_auth_method",
  "application_type",
];

/** A server that a client is chosen for, and what the SDK calls it. */
export interface Wanted {
  readonly server: AuthorizationServer;
  readonly context: { issuer: string } | undefined;
}

/** What a choice is made from. */
interface Candidates extends Wanted {
  readonly issuer: string;
  /** The provider's own client. */
  readonly own: StoredClientInformation | undefined;
  /** The provider's refresh token for this server: worth nothing to another client than its own. */
  readonly token: string | undefined;
  /** All that the store has of the server. */
  readonly value: Registrations;
}

/** The store's client that will do, and whether the refresh token is known to be its. */
interface Found {
  readonly client: ClientInformation | undefined;
  readonly isOfToken: boolean;
}

/** The choice of the client for a server: who is asked, and in which order. */
export class ClientChoice {
  readonly #provider: OAuthClientProviderLike;
  readonly #store: ClientStore;
  readonly #fit: Fit;
  readonly #handedOut: HandedOutClients;
  /** Whether the server that a client was chosen for last has rejected the program's document. */
  isDocumentRejected: boolean = false;

  constructor(
    provider: OAuthClientProviderLike,
    store: ClientStore,
    fit: Fit,
    handedOut: HandedOutClients,
  ) {
    this.#provider = provider;
    this.#store = store;
    this.#fit = fit;
    this.#handedOut = handedOut;
  }

  /** The client for this server; `undefined` where one has to be registered, or a document named. */
  async choose(wanted: Wanted): Promise<HandedOut | undefined> {
    const { server: { issuer }, context } = wanted;
    const own = await ownClientOf(this.#provider, context);
    const token = await this.#refreshToken(wanted);
    const value = await this.#store.registrations(issuer);
    const candidates: Candidates = { ...wanted, issuer, own, token, value };
    const chosen = await this.#own(candidates);
    if (chosen) return chosen;
    const found = await this.#find(candidates);
    return await this.#preRegistered(candidates, found) ??
      this.#document(candidates, found) ??
      this.#registered(candidates, found);
  }

  /** What a client must be registered for now, with what is known of the server. */
  fitFor(value: Registrations, server: AuthorizationServer | undefined): Fit {
    const { redirectUrl, clientMetadata } = this.#provider;
    const { grant_types, token_endpoint_auth_method: method } = clientMetadata as Requested;
    const fit: Fit = {
      ...(redirectUrl !== undefined && { redirectUris: [String(redirectUrl)] }),
      ...(Array.isArray(grant_types) && { grantTypes: grant_types }),
      ...(typeof method === "string" && { tokenEndpointAuthMethod: method }),
      ...Object.fromEntries(Object.entries(this.#fit).filter(([, value]) => value !== undefined)),
    };
    const withoutOthers = server ? atHome(fit, value, server) : fit;
    return withPorts(withoutOthers, value);
  }

  /** What the provider asks for where it registers. */
  get requested(): Requested {
    return requestedIn(this.#provider.clientMetadata);
  }

  /** Stores the provider's own client, where it was registered dynamically and none is there. */
  async adopt(issuer: string, own: StoredClientInformation): Promise<boolean> {
    if (!await isRegisteredDynamically(this.#provider, own)) return false;
    const value = await this.#store.registrations(issuer);
    const isGiven = value.all.some((one) => isAlive(one) && one.source === "pre-registered");
    if (isGiven || await this.#store.lookup(issuer, this.fitFor(value, undefined))) return false;
    await this.#store.store(issuer, { ...own }, { requested: this.requested });
    return true;
  }

  /**
   * The provider's own client: as it is where only the provider knows it, and as the store knows it
   * where that does; `undefined` where another one has to be found.
   */
  async #own(candidates: Candidates): Promise<HandedOut | undefined> {
    const { issuer, server, context, own, value, token } = candidates;
    if (!own || own.client_id === this.#provider.clientMetadataUrl) return undefined;
    const asIs: HandedOut = { issuer, client: own, source: "own" };
    const { client_id } = own;
    const elsewhere = await boundElsewhere(own, context?.issuer ?? issuer, this.#store);
    // A client that cannot be replaced is not ours to replace: the SDK says what is wrong with it.
    const isFixed = this.#provider.saveClientInformation === undefined;
    if (elsewhere !== undefined) {
      return isFixed ? { ...asIs, client: { ...own, issuer: elsewhere } } : undefined;
    }
    if (isFixed) return asIs;
    const known = value.all.findLast((one) => isAlive(one) && one.client.client_id === client_id);
    if (!known) {
      // What was in the store before has been removed: the user has logged out, or it is dead.
      const before = this.#handedOut.find(client_id, issuer);
      const isRemoved = before !== undefined && before.source !== "own" ||
        value.all.some((one) => one.client.client_id === client_id);
      if (isRemoved) return undefined;
      const isAdopted = own.issuer !== undefined && await this.adopt(issuer, own);
      return isAdopted ? { ...asIs, source: "dcr" } : asIs;
    }
    // Whatever it is registered for, a refresh token may be bound to it.
    const fit = token === undefined ? this.fitFor(value, server) : atHome({}, value, server);
    const client = await this.#storedAs(issuer, client_id, fit);
    return client && { issuer, client: { ...own, ...client }, source: known.source };
  }

  /** The store's client: the one that the refresh token was issued to, else one that fits. */
  async #find({ issuer, server, value, token }: Candidates): Promise<Found> {
    const bound = token === undefined ? undefined : await boundRegistration(value, token);
    const ofToken = bound &&
      await this.#storedAs(issuer, bound.client.client_id, atHome({}, value, server));
    const client = ofToken ?? await this.#store.lookup(issuer, this.fitFor(value, server));
    return { client, isOfToken: ofToken !== undefined };
  }

  /** The client that the user was given, where there is one: nothing is used or registered over it. */
  async #preRegistered(
    { issuer, server, value }: Candidates,
    found: Found,
  ): Promise<HandedOut | undefined> {
    if (!value.all.some((one) => isAlive(one) && one.source === "pre-registered")) return undefined;
    // Where it will not do, this says why.
    const client = found.client ??
      await this.#store.getOrRegister(issuer, noRegistration, this.fitFor(value, server));
    return { issuer, client, source: sourceOf(value, client) };
  }

  /** The program's document, where the server takes it, and no refresh token is another client's. */
  #document(
    { issuer, server, own, value, token }: Candidates,
    found: Found,
  ): HandedOut | undefined {
    const url = this.#provider.clientMetadataUrl;
    this.isDocumentRejected = url !== undefined && isRejectedDocument(value, url);
    if (!url || this.isDocumentRejected) return undefined;
    // The provider or this program has named itself by it already.
    const isNamed = own?.client_id === url || this.#handedOut.find(url, issuer) !== undefined;
    if (!isNamed && !server.takesDocuments) return undefined;
    const isBound = found.isOfToken || found.client !== undefined && token !== undefined &&
        !isNamed && !isUsedDocument(value, url);
    return isBound ? undefined : { issuer, client: { client_id: url }, source: "cimd" };
  }

  /** The client that was registered dynamically. */
  #registered({ issuer, server, value }: Candidates, { client }: Found): HandedOut | undefined {
    if (!client) return undefined;
    const known = value.all.findLast((one) => one.client.client_id === client.client_id);
    // Before its document is seen, a server is called as it was when the client was stored.
    const spelling = server.isPublished ? issuer : known?.issuer ?? issuer;
    return { issuer: spelling, client, source: "dcr" };
  }

  /** The stored client of this name, if it fits and has not expired. */
  async #storedAs(
    issuer: string,
    client_id: string,
    fit: Fit,
  ): Promise<ClientInformation | undefined> {
    const accept = (client: ClientInformation) =>
      client.client_id === client_id && (fit.accept?.(client) ?? true);
    return await this.#store.lookup(issuer, { ...fit, accept });
  }

  /** The refresh token for this server, if the provider has one. */
  async #refreshToken({ server, context }: Wanted): Promise<string | undefined> {
    const { refresh_token, issuer } = Object(await this.#provider.tokens?.(context));
    const isElsewhere = typeof issuer === "string" &&
      !isSameIssuer(issuer, context?.issuer ?? server.issuer);
    return typeof refresh_token === "string" && !isElsewhere ? refresh_token : undefined;
  }
}

function sourceOf({ all }: Registrations, { client_id }: ClientInformation): Source {
  const known = all.findLast((one) => isAlive(one) && one.client.client_id === client_id);
  return known?.source ?? "pre-registered";
}

function noRegistration(): never {
  throw new Error(
    "Cannot choose a client: the pre-registered one was removed meanwhile: try again",
  );
}

/** What a registration with these metadata asks for. */
export function requestedIn(metadata: object): Requested {
  const known = Object.entries(metadata)
    .filter(([member, value]) => REQUESTED.includes(member) && value !== undefined);
  return Object.fromEntries(known);
}
