// Asks for the client of an issuer, as a command-line tool does at its start.
import { getOrRegister } from "@oauth2/client-store";
import { register } from "@oauth2/client-store/registration";

const [issuer = ""] = globalThis.Deno?.args ?? process.argv.slice(2);
const metadata = {
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  token_endpoint_auth_method: "none",
};
const { client_id } = await getOrRegister(issuer, () => {
  console.log(JSON.stringify({ registering: true }));
  return register(issuer, metadata);
});
console.log(JSON.stringify({ client_id }));
