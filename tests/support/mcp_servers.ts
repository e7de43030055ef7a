// An authorization server and a protected resource on loopback, as small as they can be: what they
// answer, each test says.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** How an authorization server behaves. */
export interface Behaviour {
  /** Changes the document of metadata. */
  document?(document: Record<string, unknown>, issuer: string): Record<string, unknown>;
  /** Changes the answer to a registration. */
  registered?(answer: Record<string, unknown>): Record<string, unknown>;
  /** Whether redirect URIs are compared exactly, ports included. */
  exactPorts?: boolean;
  /** Clients that are known without registration, with their secrets. */
  clients?: Record<string, string | undefined>;
  /** Whether a client is rejected by the token endpoint. */
  rejects?(client_id: string): boolean;
}

/** What a running server has seen. */
export interface Running {
  readonly origin: string;
  /** The bodies of registration requests. */
  readonly registrations: Record<string, unknown>[];
  /** Token requests: the client, and the secret that it sent. */
  readonly tokenRequests: { client_id: string; secret: string | undefined; grant: string }[];
  close(): Promise<void>;
}

/** Starts an authorization server; its issuer is its origin. */
export async function startAuthorizationServer(behaviour: Behaviour = {}): Promise<Running> {
  const registrations: Running["registrations"] = [];
  const tokenRequests: Running["tokenRequests"] = [];
  const clients = new Map<string, { secret: string | undefined; redirect_uris?: string[] }>(
    Object.entries(behaviour.clients ?? {}).map(([id, secret]) => [id, { secret }]),
  );
  const handle = async (request: IncomingMessage, response: ServerResponse, origin: string) => {
    const url = new URL(request.url ?? "/", origin);
    if (url.pathname === "/.well-known/oauth-authorization-server") {
      const document = {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["client_secret_post", "none"],
      };
      return json(response, 200, behaviour.document?.(document, origin) ?? document);
    }
    if (url.pathname === "/register") {
      const metadata = JSON.parse(await bodyOf(request));
      registrations.push(metadata);
      const client_id = `client-${registrations.length}`;
      const secret = metadata.token_endpoint_auth_method === "none"
        ? undefined
        : `secret of ${client_id} at ${origin}`;
      clients.set(client_id, { secret, redirect_uris: metadata.redirect_uris });
      const answer = { ...metadata, client_id, ...(secret && { client_secret: secret }) };
      return json(response, 201, behaviour.registered?.(answer) ?? answer);
    }
    if (url.pathname === "/authorize") {
      const client = clients.get(url.searchParams.get("client_id") ?? "");
      const asked = url.searchParams.get("redirect_uri") ?? "";
      const allowed = client?.redirect_uris ?? [asked];
      const isSame = (uri: string) =>
        uri === asked || !behaviour.exactPorts &&
          new URL(uri).pathname === new URL(asked).pathname;
      if (!client || !allowed.some(isSame)) {
        return json(response, 400, { error: "invalid_request" });
      }
      const back = new URL(asked);
      back.searchParams.set("code", "code");
      return response.writeHead(302, { location: back.href }).end();
    }
    if (url.pathname === "/token") {
      const form = new URLSearchParams(await bodyOf(request));
      const [id, password] = basicOf(request);
      const client_id = id ?? form.get("client_id") ?? "";
      const secret = password ?? form.get("client_secret") ?? undefined;
      tokenRequests.push({ client_id, secret, grant: form.get("grant_type") ?? "" });
      const client = clients.get(client_id);
      if (!client || client.secret !== secret || behaviour.rejects?.(client_id)) {
        return json(response, 401, { error: "invalid_client" });
      }
      const tokens = {
        access_token: `token of ${client_id}`,
        refresh_token: `refresh ${client_id}`,
      };
      return json(response, 200, { ...tokens, token_type: "Bearer" });
    }
    json(response, 404, {});
  };
  const { origin, close } = await listen(handle);
  return { origin, registrations, tokenRequests, close };
}

/** Starts a protected resource that names an authorization server; resolves to its URL. */
export async function startResource(
  authorizationServer: string | (() => string),
): Promise<{ url: string; close(): Promise<void> }> {
  const { origin, close } = await listen((request, response, origin) => {
    if (request.url !== "/.well-known/oauth-protected-resource/mcp") return json(response, 404, {});
    const resource = `${origin}/mcp`;
    const named = typeof authorizationServer === "string"
      ? authorizationServer
      : authorizationServer();
    json(response, 200, { resource, authorization_servers: [named] });
  });
  return { url: `${origin}/mcp`, close };
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse, origin: string) => unknown,
): Promise<{ origin: string; close(): Promise<void> }> {
  let origin = "";
  const server: Server = createServer((request, response) =>
    void handle(request, response, origin)
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

function basicOf({ headers }: IncomingMessage): string[] {
  const [, credentials] = /^Basic (.+)$/.exec(headers.authorization ?? "") ?? [];
  return credentials === undefined ? [] : atob(credentials).split(/:(.*)/s).slice(0, 2);
}
