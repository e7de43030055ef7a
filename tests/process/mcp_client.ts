// An MCP client of one line of the SDK, as a user would write it: its provider keeps tokens in memory
// and its registration in the store. Prints the client_id of every authorization that it was sent to.
import process from "node:process";
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/auth.d.ts"
import * as v1 from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client";
// @ts-types="../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/streamableHttp.d.ts"
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as v2 from "@modelcontextprotocol/client";
import { openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";
import { authorize } from "../support/browser.ts";

const [line, serverUrl = "", issuer = "", action] = globalThis.Deno?.args ?? process.argv.slice(2);

class Provider {
  readonly redirectUrl = "http://127.0.0.1:8912/callback";
  readonly clientMetadata = {
    client_name: "client-store test",
    application_type: "native",
    redirect_uris: [this.redirectUrl],
    grant_types: action === "use"
      ? ["authorization_code"]
      : ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  readonly authorizationUrls: URL[] = [];
  #tokens: v2.StoredOAuthTokens | undefined;
  #codeVerifier = "";
  #state: v2.OAuthDiscoveryState | undefined;

  // Replaced by the store; the interface of the SDK insists on it.
  clientInformation = () => undefined;
  tokens = () => this.#tokens;
  saveTokens(tokens: v2.StoredOAuthTokens) {
    this.#tokens = tokens;
  }
  invalidateCredentials(scope: string) {
    if (scope === "tokens" || scope === "all") this.#tokens = undefined;
  }
  redirectToAuthorization(url: URL) {
    this.authorizationUrls.push(url);
  }
  codeVerifier = () => this.#codeVerifier;
  saveCodeVerifier(codeVerifier: string) {
    this.#codeVerifier = codeVerifier;
  }
  discoveryState = () => this.#state;
  saveDiscoveryState(state: v2.OAuthDiscoveryState) {
    this.#state = state;
  }
}

const provider = new Provider();
const persistent = withClientStore(provider, openClientStore());
const { authProvider, fetch: fetchFn } = persistent;

async function auth(): Promise<string> {
  return line === "v1"
    ? await v1.auth(authProvider, { serverUrl, fetchFn })
    : await v2.auth(authProvider, { serverUrl, fetchFn });
}

/** Connects, is sent to the browser, comes back with a code, connects again, and calls the tool. */
async function useServer(): Promise<unknown> {
  const { connect, finish, greet } = line === "v1" ? usingV1() : usingV2();
  try {
    await connect();
    throw new Error("The server let an unknown client in");
  } catch (error) {
    if (!(error instanceof v1.UnauthorizedError || error instanceof v2.UnauthorizedError)) {
      throw error;
    }
  }
  const { code, iss } = await authorize(provider.authorizationUrls.at(-1));
  await finish(code, iss);
  return await greet();
}

function usingV1() {
  const transport = () => new Transport1(new URL(serverUrl), persistent);
  const client = () => new Client1({ name: "test", version: "1" });
  return {
    connect: async () => await client().connect(transport()),
    finish: async (code: string) => await transport().finishAuth(code),
    async greet() {
      const connected = client();
      await connected.connect(transport());
      const { content } = await connected.callTool({ name: "greet" });
      await connected.close();
      return content;
    },
  };
}

function usingV2() {
  const transport = () => new v2.StreamableHTTPClientTransport(new URL(serverUrl), persistent);
  const client = () => new v2.Client({ name: "test", version: "1" });
  return {
    connect: async () => await client().connect(transport()),
    finish: async (code: string, iss: string) => await transport().finishAuth(code, iss),
    async greet() {
      const connected = client();
      await connected.connect(transport());
      const { content } = await connected.callTool({ name: "greet" });
      await connected.close();
      return content;
    },
  };
}

let result = action === "parallel" ? await parallel() : await useServer();
if (action === "forget") {
  await fetch(`${issuer}/forget`, { method: "POST" });
  result = await parallel();
}
const clients = provider.authorizationUrls.map((url) => url.searchParams.get("client_id"));
console.log(JSON.stringify({ clients, result }));

async function parallel(): Promise<unknown> {
  return await Promise.all([auth(), auth(), auth()]);
}
