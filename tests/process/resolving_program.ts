// Asks for its client, and tells what came of it: its client_id, or the refusal.
import { openClientStore } from "@oauth2/client-store";
import { RegistrationError, resolveClient } from "@oauth2/client-store/registration";

const [issuer = ""] = globalThis.Deno?.args ?? process.argv.slice(2);
const clientMetadata = { redirect_uris: ["http://127.0.0.1/callback"] };
try {
  const { client } = await resolveClient(openClientStore(), issuer, { clientMetadata });
  console.log(JSON.stringify({ client_id: client.client_id }));
} catch (error) {
  if (!(error instanceof RegistrationError)) throw error;
  const { message, status, retryAfter } = error;
  console.log(JSON.stringify({ message, status, retryAfter }));
}
