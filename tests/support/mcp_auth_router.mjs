// The authorization server of the MCP TypeScript SDK (1.x): mcpAuthRouter, with clients in memory.
//
// Started by itself it prints one line of JSON, { issuer }, and serves beside the protocol:
//   GET /count     { registrations }
//   POST /forget   forgets every client
import { once } from "node:events";
import express from "express";
import { InvalidGrantError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { mcpAuthRouter } from "@modelcontextprotocol/sdk/server/auth/router.js";

const clients = new Map();
const refuseCode = () => Promise.reject(new InvalidGrantError("There is no such code"));
const provider = {
  clientsStore: {
    getClient: (id) => clients.get(id),
    registerClient(client) {
      clients.set(client.client_id, client);
      return client;
    },
  },
  authorize: (_client, _params, response) => response.status(501).end(),
  challengeForAuthorizationCode: refuseCode,
  exchangeAuthorizationCode: refuseCode,
  exchangeRefreshToken: refuseCode,
  verifyAccessToken: refuseCode,
};

let registrations = 0;
let router = (_request, response) => response.status(503).end();
const app = express();
app.get("/count", (_request, response) => response.json({ registrations }));
app.post("/forget", (_request, response) => {
  clients.clear();
  response.json({});
});
app.use((request, response, next) => {
  if (request.path === "/register") registrations++;
  router(request, response, next);
});
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const rateLimit = false;
router = mcpAuthRouter({
  provider,
  issuerUrl: new URL(issuer),
  clientRegistrationOptions: { rateLimit },
  tokenOptions: { rateLimit },
});
console.log(JSON.stringify({ issuer }));
