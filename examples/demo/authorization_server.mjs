// A real authorization server on loopback: discovery, dynamic registration (RFC 7591) and its
// management (RFC 7592), authorization code with PKCE, refresh. It approves every request by itself.
//
// Started by itself it prints one line of JSON, { issuer }, and serves beside the protocol:
//   GET  /count    { registrations, requests, tokens }   what it has seen
//   POST /forget   forgets every client, as a server does that was set up anew
// Environment: PORT (0 = any free), DELAY (milliseconds before a registration is answered),
// SECRET_LIFETIME (seconds until a client secret expires; 0 = never), ROTATE (1 = every answer about a
// registration renews its access token), INITIAL_ACCESS_TOKEN (nobody registers without it).
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { once } from "node:events";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

/** Starts the server; resolves to its issuer, what it has counted, and a function that ends it. */
export async function startAuthorizationServer(
  { port = 0, delay = 0, secretLifetime = 0, rotate = false, initialAccessToken = "" } = {},
) {
  const counted = { registrations: 0, requests: 0, tokens: 0 };
  let answer = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const stored = new Map();
  const adapter = storage(stored, secretLifetime);
  const provider = new Provider(issuer, configuration(adapter, { rotate, initialAccessToken }));
  provider.use(async (context, next) => {
    if (context.method === "POST" && context.path === "/reg") {
      counted.requests++;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
    await next();
    const known = stored.get(`Client:${context.body?.client_id}`);
    if (known && context.path.startsWith("/reg") && "client_secret_expires_at" in context.body) {
      context.body.client_secret_expires_at = known.client_secret_expires_at;
    }
  });
  provider.on("registration_create.success", () => counted.registrations++);
  provider.on("grant.success", () => counted.tokens++);
  const protocol = provider.callback();
  answer = (request, response) => {
    const { pathname } = new URL(request.url, issuer);
    if (pathname === "/count") return response.end(JSON.stringify(counted));
    if (pathname === "/forget" && request.method === "POST") {
      stored.clear();
      return response.end("{}");
    }
    if (pathname.startsWith("/interaction/")) return approve(provider, request, response);
    return protocol(request, response);
  };
  return {
    issuer,
    counted,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Ends the login and consent that a person would see in a browser. */
async function approve(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const result = { login: { accountId: "user" } };
    return provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  }
  const known = grantId && await provider.Grant.find(grantId);
  const grant = known ||
    new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope ?? "openid");
  if (params.resource) grant.addResourceScope(params.resource, params.scope ?? "mcp");
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

function configuration(adapter, { rotate, initialAccessToken }) {
  return {
    adapter,
    clientBasedCORS: () => true,
    clientDefaults: { token_endpoint_auth_method: "none" },
    cookies: { keys: [randomUUID()] },
    features: {
      devInteractions: { enabled: false },
      registration: {
        enabled: true,
        ...(initialAccessToken && { initialAccessToken }),
      },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: rotate },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          scope: "mcp",
          audience,
          accessTokenFormat: "jwt",
        }),
        useGrantedResource: () => true,
      },
    },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: (_context, client) => client.grantTypeAllowed("refresh_token"),
    jwks: { keys: [signingKey()] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    scopes: ["openid", "offline_access", "mcp"],
    ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" };
}

/** Keeps everything in one map, which the server can forget. */
function storage(stored, secretLifetime) {
  const find = (test) => Promise.resolve([...stored.values()].find(test));
  return (model) => ({
    upsert(id, payload) {
      const client_secret_expires_at = Math.floor(Date.now() / 1000) + secretLifetime;
      const isShortLived = payload.client_secret && secretLifetime > 0;
      stored.set(
        `${model}:${id}`,
        isShortLived ? { ...payload, client_secret_expires_at } : { ...payload },
      );
      return Promise.resolve();
    },
    find: (id) => Promise.resolve(stored.get(`${model}:${id}`)),
    findByUid: (uid) => find((payload) => payload.uid === uid),
    findByUserCode: (userCode) => find((payload) => payload.userCode === userCode),
    consume(id) {
      stored.get(`${model}:${id}`).consumed = Math.floor(Date.now() / 1000);
      return Promise.resolve();
    },
    destroy(id) {
      stored.delete(`${model}:${id}`);
      return Promise.resolve();
    },
    revokeByGrantId(grantId) {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
      return Promise.resolve();
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { PORT = "0", DELAY = "0", SECRET_LIFETIME = "0", ROTATE, INITIAL_ACCESS_TOKEN } =
    process.env;
  const { issuer } = await startAuthorizationServer({
    port: Number(PORT),
    delay: Number(DELAY),
    secretLifetime: Number(SECRET_LIFETIME),
    rotate: ROTATE === "1",
    initialAccessToken: INITIAL_ACCESS_TOKEN,
  });
  console.log(JSON.stringify({ issuer }));
}
