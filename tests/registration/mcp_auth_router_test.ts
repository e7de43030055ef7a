import { after, before, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { resolveClient, verifyClient } from "@oauth2/client-store/registration";
import { startServer } from "../support/authorization_server.mjs";
import { inStore } from "../support/in_store.ts";

type Server = Awaited<ReturnType<typeof startServer>>;
let server: Server;
before(async () => {
  server = await startServer({}, "mcpAuthRouter");
});
after(() => server.close());

test("the authorization server of the MCP SDK registers once, and tells the living from the dead", async () => {
  const { issuer } = server;
  for (const token_endpoint_auth_method of ["none", "client_secret_post", undefined]) {
    const clientMetadata = {
      redirect_uris: ["http://127.0.0.1/callback"],
      ...(token_endpoint_auth_method && { token_endpoint_auth_method }),
    };
    await inStore(async (store, open) => {
      const before = (await server.count()).registrations;
      const { client } = await resolveClient(store, issuer, { clientMetadata });
      assertEquals((await resolveClient(open(), issuer, { clientMetadata })).client, client);
      assertEquals(await verifyClient(issuer, client, { store }), "alive");
      await server.forget();
      assertEquals(await verifyClient(issuer, client, { store }), "dead");
      const options = { clientMetadata, replace: client.client_id };
      const renewed = await resolveClient(store, issuer, options);
      assert(renewed.client.client_id !== client.client_id);
      assertEquals(await verifyClient(issuer, renewed.client, { store }), "alive");
      assertEquals((await server.count()).registrations, before + 2);
    });
  }
});
