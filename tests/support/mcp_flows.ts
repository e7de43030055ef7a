// Whole logins with `auth` of both lines of the SDK, and the providers that programs write for it.
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/auth.d.ts"
import * as v1 from "@modelcontextprotocol/sdk/client/auth.js";
import * as v2 from "@modelcontextprotocol/client";

export const LINES: readonly ["v1", "v2"] = ["v1", "v2"];
export type Line = typeof LINES[number];
type Client = v2.StoredOAuthClientInformation;

/** A provider that keeps tokens alone: the client is for the store to remember. */
export class Provider {
  readonly redirectUrl: string;
  readonly clientMetadata: v2.OAuthClientMetadata;
  readonly visited: URL[] = [];
  saved: v2.StoredOAuthTokens | undefined;
  #codeVerifier = "";

  constructor(redirectUrl: string = "http://127.0.0.1:8912/callback", metadata: object = {}) {
    this.redirectUrl = redirectUrl;
    this.clientMetadata = {
      redirect_uris: [redirectUrl],
      token_endpoint_auth_method: "none",
      ...metadata,
    };
  }
  tokens = (): v2.StoredOAuthTokens | undefined => this.saved;
  saveTokens(tokens: v2.StoredOAuthTokens): void {
    this.saved = tokens;
  }
  invalidateCredentials(scope: string): void {
    if (scope !== "client") this.saved = undefined;
  }
  redirectToAuthorization(url: URL): void {
    this.visited.push(url);
  }
  codeVerifier = (): string => this.#codeVerifier;
  saveCodeVerifier(codeVerifier: string): void {
    this.#codeVerifier = codeVerifier;
  }
}

/** A provider that keeps its client, too, as those do that were written before. */
export class KeepingProvider extends Provider {
  client: Client | undefined;
  readonly saves: Client[] = [];
  clientInformation(): Client | undefined {
    return this.client;
  }
  saveClientInformation(client: Client): void {
    this.saves.push(client);
    this.client = client;
  }
  override invalidateCredentials(scope: string): void {
    super.invalidateCredentials(scope);
    if (scope === "client" || scope === "all") this.client = undefined;
  }
}

/** How `auth` is called. */
export interface AuthOptions {
  serverUrl: string;
  fetchFn?: (url: string | URL, init?: RequestInit) => Promise<Response>;
  authorizationCode?: string;
  skipIssuerMetadataValidation?: boolean;
  forceReauthorization?: boolean;
}

/** Calls `auth` of a line. */
export async function auth(
  line: Line,
  authProvider: unknown,
  options: AuthOptions,
): Promise<string> {
  return await (line === "v1" ? v1 : v2).auth(authProvider as never, options as never);
}

/** Logs in: to the browser and back with a code. Resolves to the client that the browser was sent with. */
export async function logIn(
  line: Line,
  provider: Provider,
  authProvider: unknown,
  options: AuthOptions,
): Promise<string | null | undefined> {
  await auth(line, authProvider, options);
  const url = provider.visited.at(-1);
  if (await browse(url)) await auth(line, authProvider, { ...options, authorizationCode: "code" });
  return url?.searchParams.get("client_id");
}

/** Goes where the browser was sent; resolves to whether the server lets the user come back. */
export async function browse(url: URL | undefined): Promise<boolean> {
  const response = await fetch(url ?? "", { redirect: "manual" });
  await response.body?.cancel();
  return response.status === 302;
}
