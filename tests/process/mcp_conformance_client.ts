// The client of a conformance scenario: a provider that keeps all in memory, as it is or with a memory
// of its client. Prints how many registrations each of its runs has made.
//
//   mcp_conformance_client.ts <v1 | v2> <plain | wrapped> <runs> <URL of the MCP server>
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/auth.d.ts"
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client";
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/streamableHttp.d.ts"
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as v2 from "@modelcontextprotocol/client";
import { openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";

const [line, mode, runs, serverUrl = ""] = process.argv.slice(2);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");

/** A provider as the examples of the SDK are: everything is in memory, and the browser is a request. */
class Provider implements v2.OAuthClientProvider {
  readonly redirectUrl = "http://localhost:3000/callback";
  readonly clientMetadataUrl?: string;
  readonly clientMetadata = {
    client_name: "conformance",
    redirect_uris: [this.redirectUrl],
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  };
  /** What the browser came back with. */
  callback: URLSearchParams = new URLSearchParams();
  #client: v2.StoredOAuthClientInformation | undefined;
  #tokens: v2.StoredOAuthTokens | undefined;
  #codeVerifier = "";

  constructor(client?: v2.StoredOAuthClientInformation) {
    this.#client = client;
    // What servers of the suite know as a document that they need not read.
    this.clientMetadataUrl = "https://conformance-test.local/client-metadata.json";
  }
  clientInformation = () => this.#client;
  saveClientInformation(client: v2.StoredOAuthClientInformation) {
    this.#client = client;
  }
  tokens = () => this.#tokens;
  saveTokens(tokens: v2.StoredOAuthTokens) {
    this.#tokens = tokens;
  }
  codeVerifier = () => this.#codeVerifier;
  saveCodeVerifier(codeVerifier: string) {
    this.#codeVerifier = codeVerifier;
  }
  async redirectToAuthorization(url: URL) {
    const response = await fetch(url, { redirect: "manual" });
    this.callback = new URL(response.headers.get("location") ?? "").searchParams;
  }
  invalidateCredentials(scope: string) {
    if (scope === "client" || scope === "all") this.#client = undefined;
    if (scope === "tokens" || scope === "all") this.#tokens = undefined;
  }
}

/** The provider that a program takes for this scenario. */
function provider(): v2.OAuthClientProvider {
  const { client_id: clientId, client_secret: clientSecret } = context;
  switch (scenario) {
    case "auth/pre-registration":
      return new Provider({ client_id: clientId, client_secret: clientSecret });
    case "auth/client-credentials-basic":
      return new v2.ClientCredentialsProvider({ clientId, clientSecret });
    case "auth/client-credentials-jwt": {
      const { private_key_pem: privateKey, signing_algorithm: algorithm } = context;
      return new v2.PrivateKeyJwtProvider({ clientId, privateKey, algorithm });
    }
    case "auth/cross-app-access-complete-flow":
    case "auth/enterprise-managed-authorization":
      return crossAppAccess();
    default:
      return new Provider();
  }
}

/** The 1.x line has no such provider, but takes it where it is told what the 2.x line tells it. */
function crossAppAccess(): v2.OAuthClientProvider {
  const own = new v2.CrossAppAccessProvider({
    clientId: context.client_id,
    clientSecret: context.client_secret,
    assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
      const { jwtAuthGrant } = await v2.requestJwtAuthorizationGrant({
        tokenEndpoint: context.idp_token_endpoint,
        audience: authorizationServerUrl,
        resource: resourceUrl,
        idToken: context.idp_id_token,
        clientId: context.idp_client_id,
        ...(scope !== undefined && { scope }),
        fetchFn,
      });
      return jwtAuthGrant;
    },
  });
  if (line === "v2") return own;
  return Object.assign(own, {
    saveDiscoveryState({ authorizationServerUrl, resourceMetadata }: v2.OAuthDiscoveryState) {
      own.saveAuthorizationServerUrl?.(authorizationServerUrl);
      own.saveResourceUrl?.(resourceMetadata?.resource ?? serverUrl);
    },
    discoveryState: () => undefined,
  });
}

let registrations = 0;
const counting = async (url: string | URL, init?: RequestInit): Promise<Response> => {
  const { body, method } = init ?? {};
  const isRegistration = method === "POST" && typeof body === "string" &&
    !("jsonrpc" in JSON.parse(body));
  if (isRegistration) registrations++;
  return await fetch(url, init);
};

/** Connects, logs in as often as it is asked to, lists the tools and calls the one of the suite. */
async function useServer(path: string): Promise<void> {
  const own = provider();
  const persistent = mode === "wrapped"
    ? withClientStore(own, openClientStore({ path }), { fetch: counting })
    : { authProvider: own, fetch: counting };
  // deno-lint-ignore no-explicit-any -- the lines differ in types only
  const transport = (): any =>
    line === "v1"
      ? new Transport1(new URL(serverUrl), persistent as never)
      : new v2.StreamableHTTPClientTransport(new URL(serverUrl), persistent as never);
  // deno-lint-ignore no-explicit-any -- the lines differ in types only
  let used: any;
  // deno-lint-ignore no-explicit-any -- the lines differ in types only
  const connect = async (): Promise<any> => {
    const client = line === "v1"
      ? new Client1({ name: "test", version: "1" })
      : new v2.Client({ name: "test", version: "1" });
    used = transport();
    await client.connect(used);
    return client;
  };
  const loggingIn = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let logins = 0;; logins++) {
      try {
        return await work();
      } catch (error) {
        const isAsked = error instanceof UnauthorizedError || error instanceof v2.UnauthorizedError;
        if (!isAsked || logins === 2 || !(own instanceof Provider)) throw error;
        const { callback } = own;
        await used.finishAuth(callback.get("code"), callback.get("iss") ?? undefined);
      }
    }
  };
  const client = await loggingIn(connect);
  await loggingIn(() => client.listTools());
  await loggingIn(() => client.callTool({ name: "test-tool", arguments: {} }));
  await client.close();
}

const home = mkdtempSync(join(tmpdir(), "client-store-conformance-"));
const counts: number[] = [];
let error: unknown;
try {
  for (let run = 0; run < Number(runs) && error === undefined; run++) {
    registrations = 0;
    await useServer(join(home, "registered.json")).catch((reason) => error = reason);
    counts.push(registrations);
  }
} finally {
  rmSync(home, { recursive: true });
}
console.log(JSON.stringify({ counts, error: error && String(error).slice(0, 300) }));
// The transports of both lines may hold connections open.
process.exit(error === undefined ? 0 : 1);
