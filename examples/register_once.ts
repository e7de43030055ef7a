// Gets its client at an authorization server: registers on the first run, and re-uses it ever after.
// The same file runs on Deno, Bun and Node. In this repository, after npm ci:
//
//   node --import tsx examples/register_once.ts <issuer>
//   npx bun examples/register_once.ts <issuer>
//   npx deno run -A --import-map tests/npm/import_map.json examples/register_once.ts <issuer>
//
// An issuer on this machine: PORT=4801 node examples/demo/authorization_server.mjs
import { openClientStore } from "@oauth2/client-store";
import { resolveClient } from "@oauth2/client-store/registration";

const [issuer] = globalThis.Deno?.args ?? process.argv.slice(2);
if (issuer === undefined) throw new TypeError("Usage: register_once.ts <issuer>");

let requests = 0;
const { client, source } = await resolveClient(openClientStore(), issuer, {
  clientMetadata: {
    client_name: "register_once",
    redirect_uris: ["http://127.0.0.1/callback"],
    token_endpoint_auth_method: "none",
  },
  fetch: (url, init) => {
    requests++;
    return fetch(url, init);
  },
  signal: AbortSignal.timeout(30_000),
});

const how = requests > 0 ? "registered" : "re-used";
console.log(JSON.stringify({ client_id: client.client_id, source, how }));
