// The MCP client of LangChain. It takes an `authProvider` and no `fetch`, so that its transport, which
// is of the 1.x line of the SDK, sends every request by itself.
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { auth } from "@modelcontextprotocol/sdk/client/auth.js";

/** Connects to an MCP server and calls its tool `greet`; resolves to what that says. */
export async function greet(url, authProvider) {
  const client = new MultiServerMCPClient({
    mcpServers: { greeter: { transport: "http", url, authProvider, automaticSSEFallback: false } },
  });
  try {
    const [tool] = await client.getTools();
    return await tool.invoke({});
  } finally {
    await client.close();
  }
}

/** Redeems the code that the browser came back with: LangChain leaves that to the SDK. */
export async function finish(serverUrl, authProvider, authorizationCode) {
  await auth(authProvider, { serverUrl, authorizationCode });
}
