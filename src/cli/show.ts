import type { Context } from "./context.ts";
import { describedClients, jsonOf } from "./described_client.ts";
import { EXIT } from "./exit_code.ts";
import { noClient } from "./issuer_argument.ts";
import { checkReadable } from "./nothing_found.ts";
import { escaped, jsonText } from "./plain_text.ts";

/** Shows all that is known of the clients of an issuer. */
export async function show(context: Context): Promise<number> {
  const { open, options, operands: [issuer = ""], print, note } = context;
  const clients = await describedClients(open(), issuer);
  const values = clients.map((client) => jsonOf(client, options["show-secrets"] === true));
  if (options.json) await print(`${jsonText(values)}\n`);
  else await print(values.map(linesOf).join("\n"));
  const current = clients.find(({ state }) => state !== "replaced");
  if (!current) {
    await checkReadable(context);
    await note(noClient(issuer));
    return EXIT.notRegistered;
  }
  return current.isExpired ? EXIT.deadOrExpired : EXIT.done;
}

/** One member a line. */
function linesOf(value: Record<string, unknown>): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const text = typeof member === "string" ? escaped(member) : jsonText(member, 0);
      return `${escaped(name)}: ${text}\n`;
    }).join("");
}
