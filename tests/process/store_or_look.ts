// Stores or looks up one client, and prints what came of it.
import { openClientStore } from "@oauth2/client-store";

const [verb, issuer = "", path] = globalThis.Deno?.args ?? process.argv.slice(2);
const store = openClientStore(path === undefined ? {} : { path });
const client = {
  client_id: "abc123",
  client_secret: "s3cr3t",
  scope: "read",
  redirect_uris: ["http://127.0.0.1/callback"],
};

async function storing(): Promise<{ error?: string }> {
  try {
    await store.store(issuer, client);
    return {};
  } catch (error) {
    return { error: String(error) };
  }
}

if (verb === "store") {
  const result = await storing();
  console.log(JSON.stringify(result));
} else if (verb === "lookup") {
  console.log(JSON.stringify({ client: await store.lookup(issuer) }));
} else if (verb === "as-nobody") {
  // Everything is loaded as who we are, and tried as who may not.
  await openClientStore({ path: "/nonexistent/x/registered.json" }).remove(issuer);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.setuid?.(65534);
  const found = await store.lookup(issuer);
  console.log(JSON.stringify(isRoot ? { client: found, ...await storing() } : {}));
}
