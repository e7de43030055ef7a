/** A client as the SDK keeps it: the server's answer, and the issuer that it is bound to. */
export interface StoredClientInformation {
  /** The client identifier. */
  client_id: string;
  /** The client secret of a confidential client. */
  client_secret?: string;
  /** When the identifier was issued, in seconds since the epoch. */
  client_id_issued_at?: number;
  /** When the secret expires, in seconds since the epoch; 0 means never. */
  client_secret_expires_at?: number;
  /** How the client authenticates at the token endpoint. */
  token_endpoint_auth_method?: string;
  /** The authorization server that the client is bound to. */
  issuer?: string;
}

/** The methods of a provider that this library takes over; the 1.x line gives no context. */
export interface ClientInformationMethods {
  /** Finds the client in the store; `undefined` when there is none that will do. */
  clientInformation(context?: { issuer: string }): Promise<StoredClientInformation | undefined>;
  /** Keeps a client that the SDK has registered. */
  saveClientInformation(
    client: StoredClientInformation,
    context?: { issuer: string },
  ): Promise<void>;
  /** For `"client"` and `"all"`, removes the client that the server has rejected, and no other. */
  invalidateCredentials(
    scope: "all" | "client" | "tokens" | "verifier" | "discovery",
  ): Promise<void>;
}

/** What this library needs of a provider: an `OAuthClientProvider` of either line is one. */
export interface OAuthClientProviderLike {
  /** Where the browser returns to; `undefined` for a flow without a browser. */
  readonly redirectUrl: string | URL | undefined;
  /** What to register ({@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591, section 2}). */
  readonly clientMetadata: object;
  /** The tokens of the last login, by which one that was made elsewhere is noticed. */
  tokens?(): unknown;
  /** Forgets what the provider keeps itself, such as tokens. */
  invalidateCredentials?(
    scope: "all" | "client" | "tokens" | "verifier" | "discovery",
  ): void | Promise<void>;
}

/** A `fetch` as the SDK takes one. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;
