// A real MCP server with one tool. It asks for an access token of the authorization server, and
// checks signature, issuer and audience.
import { createServer } from "node:http";
import { once } from "node:events";
import * as oauth from "oauth4webapi";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** Starts the server; resolves to its URL and a function that ends it. */
export async function startMcpServer(issuer) {
  const authorizationServer = await discover(issuer);
  const server = createServer(async (request, response) => {
    const { origin, resource } = placeOf(server);
    if (request.url.startsWith("/.well-known/oauth-protected-resource")) {
      const metadata = { resource, authorization_servers: [issuer], scopes_supported: ["mcp"] };
      return response.setHeader("content-type", "application/json").end(JSON.stringify(metadata));
    }
    if (request.url !== "/mcp") return response.writeHead(404).end();
    if (!await isAuthorized(authorizationServer, request, resource)) {
      const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
      const challenge = `Bearer resource_metadata="${metadata}", scope="mcp"`;
      return response.writeHead(401, { "www-authenticate": challenge }).end();
    }
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await toolServer().connect(transport);
    await transport.handleRequest(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: placeOf(server).resource,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function placeOf(server) {
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, resource: `${origin}/mcp` };
}

function toolServer() {
  const server = new McpServer({ name: "greeter", version: "1.0.0" });
  server.registerTool("greet", { description: "Greets" }, () => ({
    content: [{ type: "text", text: "hello" }],
  }));
  return server;
}

async function discover(issuer) {
  const url = new URL(issuer);
  const options = { algorithm: "oauth2", [oauth.allowInsecureRequests]: true };
  return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options));
}

async function isAuthorized(authorizationServer, { method, headers }, audience) {
  if (!headers.authorization) return false;
  const request = new Request(audience, { method, headers });
  try {
    await oauth.validateJwtAccessToken(authorizationServer, request, audience, {
      [oauth.allowInsecureRequests]: true,
    });
    return true;
  } catch {
    return false;
  }
}
