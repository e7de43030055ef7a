// Registers with an authorization server on the first run, and re-uses the client ever after.
// The same file runs on Deno, Bun and Node:  register_once.ts <issuer>
import { getOrRegister } from "@oauth2/client-store";

const [issuer] = globalThis.Deno?.args ?? process.argv.slice(2);
if (issuer === undefined) throw new TypeError("Usage: register_once.ts <issuer>");

let isNew = false;
const redirectUris = ["http://127.0.0.1/callback"];
const client = await getOrRegister(issuer, async (options) => {
  isNew = true;
  const { register } = await import("@oauth2/client-store/registration");
  const metadata = {
    client_name: "register_once",
    application_type: "native",
    redirect_uris: redirectUris,
    token_endpoint_auth_method: "none",
  };
  return await register(issuer, metadata, options);
}, { redirectUris, signal: AbortSignal.timeout(30_000) });

console.log(JSON.stringify({ client_id: client.client_id, how: isNew ? "registered" : "re-used" }));
