// better-auth with its OAuth provider plugin, its database in memory.
//
// Started by itself it prints one line of JSON, { issuer }, and serves beside the protocol:
//   GET <issuer>/count     { registrations }
//   POST <issuer>/forget   deletes every client from the database
// Environment: INITIAL_ACCESS_TOKEN (nobody registers without it).
import { once } from "node:events";
import { createServer } from "node:http";
import { oauthProvider } from "@better-auth/oauth-provider";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins/jwt";

const { INITIAL_ACCESS_TOKEN } = process.env;
let answer = (_request, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const baseURL = `http://127.0.0.1:${server.address().port}`;
const issuer = `${baseURL}/api/auth`;

const database = {};
const auth = betterAuth({
  baseURL,
  database: memoryAdapter(database),
  emailAndPassword: { enabled: true },
  logger: { disabled: true },
  plugins: [
    jwt({ disableSettingJwtHeader: true }),
    oauthProvider({
      loginPage: "/sign-in",
      consentPage: "/consent",
      allowDynamicClientRegistration: true,
      allowUnauthenticatedClientRegistration: !INITIAL_ACCESS_TOKEN,
      validateInitialAccessToken: ({ initialAccessToken }) =>
        initialAccessToken === INITIAL_ACCESS_TOKEN ? {} : undefined,
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
    }),
  ],
  rateLimit: { enabled: false },
  secret: crypto.randomUUID() + crypto.randomUUID(),
  telemetry: { enabled: false },
});
for (const { modelName } of Object.values((await auth.$context).tables)) database[modelName] ??= [];

let registrations = 0;
const protocol = toNodeHandler(auth);
answer = (request, response) => {
  const path = `${request.method} ${new URL(request.url, issuer).pathname}`;
  if (path === "GET /api/auth/count") return response.end(JSON.stringify({ registrations }));
  if (path === "POST /api/auth/forget") {
    database.oauthClient.length = 0;
    return response.end("{}");
  }
  if (path === "POST /api/auth/oauth2/register") registrations++;
  return protocol(request, response);
};
console.log(JSON.stringify({ issuer }));
