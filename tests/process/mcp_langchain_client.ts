// A program with LangChain's MCP client, whose provider keeps tokens in memory and its client in the
// store. Prints the client_id of every authorization that it was sent to, and what it was told.
//
//   mcp_langchain_client.ts <URL of the MCP server> <issuer> <issuer | state | neither> <port> [dead]
import process from "node:process";
import { openClientStore } from "@oauth2/client-store";
import { withClientStore } from "@oauth2/client-store/mcp";
import { authorize } from "../support/browser.ts";
import { Provider } from "../support/mcp_flows.ts";

// Not by its name: who checks the types need not have it installed.
const library = new URL("../libraries/langchain.mjs", import.meta.url).href;
const { finish, greet } = await import(library);

const [serverUrl = "", issuer = "", way, port, isDead] = globalThis.Deno?.args ??
  process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}/callback`, {
  application_type: "native",
  grant_types: ["authorization_code", "refresh_token"],
});
/** What a provider has, too, that need not discover the server again. */
let state: object | undefined;
const discovery = {
  discoveryState: () => state,
  saveDiscoveryState: (discovered: object) => void (state = discovered),
};
const { authProvider } = withClientStore(
  way === "state" ? Object.assign(provider, discovery) : provider,
  openClientStore(),
  way === "issuer" ? { issuer } : {},
);

/** Calls the tool, by way of the browser where the library says that it is not let in. */
async function use(): Promise<unknown> {
  const before = provider.visited.length;
  try {
    return await greet(serverUrl, authProvider);
  } catch (error) {
    if (provider.visited.length === before) throw error;
  }
  const { code } = await authorize(provider.visited.at(-1));
  await finish(serverUrl, authProvider, code);
  return await greet(serverUrl, authProvider);
}

let result: unknown;
try {
  result = await use();
  if (isDead) {
    await fetch(`${issuer}/forget`, { method: "POST" });
    if (provider.saved) provider.saved = { ...provider.saved, access_token: "expired" };
    result = await use();
  }
} catch (error) {
  result = String(error);
}
const clients = provider.visited.map((url) => url.searchParams.get("client_id"));
console.log(JSON.stringify({ clients, result }));
