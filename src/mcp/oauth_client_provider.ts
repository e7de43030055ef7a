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

/** What of a provider is no longer valid. */
export type InvalidatedCredentials = "all" | "client" | "tokens" | "verifier" | "discovery";

/** The methods of a provider that this library takes over; the 1.x line gives no context. */
export interface ClientInformationMethods {
  /**
   * Gives the provider's own client, else the one of the store; `undefined` when there is none that
   * will do.
   */
  clientInformation(context?: { issuer: string }): Promise<StoredClientInformation | undefined>;
  /**
   * Keeps a client that the SDK has registered, in the store and in the provider. Absent, as the SDK
   * asks for it, while a provider without it gives a client of its own: that one cannot be replaced.
   */
  saveClientInformation?(
    client: StoredClientInformation,
    context?: { issuer: string },
  ): Promise<void>;
  /** For `"client"` and `"all"`, removes the client that the server has rejected, and no other. */
  invalidateCredentials(scope: InvalidatedCredentials, ...context: unknown[]): Promise<void>;
  /** Tells whether the client given last was registered dynamically: `@ai-sdk/mcp` asks. */
  isClientInformationDynamicallyRegistered(): Promise<boolean>;
}

/** What this library needs of a provider: an `OAuthClientProvider` of either line is one. */
export interface OAuthClientProviderLike {
  /** Where the browser returns to; `undefined` for a flow without a browser. */
  readonly redirectUrl: string | URL | undefined;
  /** What to register ({@link https://www.rfc-editor.org/rfc/rfc7591#section-2 | RFC 7591, section 2}). */
  readonly clientMetadata: object;
  /** The URL of a Client ID Metadata Document, where the program has one. */
  readonly clientMetadataUrl?: string | undefined;
  /** The provider's own client, where it has one: it comes first. */
  clientInformation?(context?: { issuer: string }): unknown;
  /** Keeps a client in the provider, too. */
  saveClientInformation?(client: StoredClientInformation, context?: { issuer: string }): unknown;
  /** Tells whether the provider's own client was registered dynamically. */
  isClientInformationDynamicallyRegistered?(): unknown;
  /** The tokens of the last login: a refresh token is bound to the client that it was issued to. */
  tokens?(context?: { issuer: string }): unknown;
  /** Forgets what the provider keeps itself, such as tokens. */
  invalidateCredentials?(scope: InvalidatedCredentials): unknown;
}

/** A `fetch` as the SDK takes one. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;
