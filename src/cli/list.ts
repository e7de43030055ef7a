import type { Context } from "./context.ts";
import { type DescribedClient, describedClients, jsonOf, spanOf } from "./described_client.ts";
import { EXIT } from "./exit_code.ts";
import { checkReadable } from "./nothing_found.ts";
import { jsonText } from "./plain_text.ts";
import { hasColor, tableOf } from "./table.ts";

/** Lists the clients. */
export async function list(context: Context): Promise<number> {
  const { open, options, terminal, print, note } = context;
  const clients = await describedClients(open());
  if (clients.length === 0) await checkReadable(context);
  if (options.json) {
    const values = clients.map((client) => jsonOf(client, false));
    await print(`${jsonText(values)}\n`);
    return EXIT.done;
  }
  if (clients.length === 0) {
    await note("No client is registered");
    return EXIT.done;
  }
  const header = ["issuer", "client_id", "source", "state", "age", "expiry"];
  const isBold = hasColor(terminal, options["no-color"] === true);
  await print(tableOf(header, clients.map(rowOf), terminal.columns("stdout"), isBold));
  return EXIT.done;
}

function rowOf({ issuer, client, source, state, isExpired }: DescribedClient): string[] {
  const now = Date.now() / 1000;
  const { client_id_issued_at: issued, client_secret_expires_at: expiry } = client;
  const age = typeof issued === "number" && issued <= now ? spanOf(now - issued) : "";
  const left = typeof expiry === "number" && expiry > now ? `in ${spanOf(expiry - now)}` : "never";
  return [issuer, client.client_id, source, state, age, isExpired ? "expired" : left];
}
