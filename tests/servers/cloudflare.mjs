// Cloudflare's workers-oauth-provider on Node, its key-value store in memory.
//
// Started by itself it prints one line of JSON, { issuer }, and serves beside the protocol:
//   GET /count     { registrations }
//   POST /forget   deletes every client from the store
import { once } from "node:events";
import { createServer } from "node:http";
import { register } from "node:module";
import { Readable } from "node:stream";

// Only Cloudflare's own runtime has this module; the provider takes one base class from it.
const stub = "data:text/javascript,export class WorkerEntrypoint {}";
const resolveStub = `export const resolve = (name, context, next) => name === "cloudflare:workers"
  ? { url: ${JSON.stringify(stub)}, shortCircuit: true }
  : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolveStub)}`);
const { OAuthProvider } = await import("@cloudflare/workers-oauth-provider");

const stored = new Map();
const OAUTH_KV = {
  get(key, { type } = {}) {
    const value = stored.get(key);
    return Promise.resolve(type === "json" && value ? JSON.parse(value) : value ?? null);
  },
  put: (key, value) => Promise.resolve(void stored.set(key, value)),
  delete: (key) => Promise.resolve(void stored.delete(key)),
  list({ prefix = "" } = {}) {
    const keys = [...stored.keys()].filter((key) => key.startsWith(prefix));
    return Promise.resolve({ keys: keys.map((name) => ({ name })), list_complete: true });
  },
};

let registrations = 0;
let answer = () => Promise.resolve(new Response(null, { status: 503 }));
const server = createServer(async (request, response) => {
  const { status, headers, body } = await answer(request);
  response.writeHead(status, Object.fromEntries(headers));
  if (body) Readable.fromWeb(body).pipe(response);
  else response.end();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;

const nothingElse = { fetch: () => new Response(null, { status: 404 }) };
const provider = new OAuthProvider({
  apiRoute: "/mcp",
  apiHandler: nothingElse,
  defaultHandler: nothingElse,
  authorizeEndpoint: "/authorize",
  tokenEndpoint: "/token",
  clientRegistrationEndpoint: "/register",
  resourceMetadata: { resource: `${issuer}/mcp`, authorization_servers: [issuer] },
  scopesSupported: ["mcp"],
});
const context = { props: {}, waitUntil() {}, passThroughOnException() {} };
answer = (request) => {
  const { method, url, headers } = request;
  const { pathname } = new URL(url, issuer);
  if (pathname === "/count") return Response.json({ registrations });
  if (pathname === "/forget" && method === "POST") {
    stored.clear();
    return Response.json({});
  }
  if (pathname === "/register" && method === "POST") registrations++;
  const body = method === "POST" ? Readable.toWeb(request) : undefined;
  return provider.fetch(
    new Request(new URL(url, issuer), { method, headers, body, duplex: "half" }),
    { OAUTH_KV },
    context,
  );
};
console.log(JSON.stringify({ issuer }));
