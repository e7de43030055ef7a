import type { Context } from "./context.ts";
import { textOf } from "./arguments.ts";
import { EXIT } from "./exit_code.ts";

/** Prints one member of a client, bare. */
export async function get(context: Context): Promise<number> {
  const { operands: [issuer = ""], options } = context;
  const store = context.open();
  const client = await store.lookup(issuer);
  const field = textOf(options, "field") ?? "client_id";
  if (!client) return await tellMissing(context, issuer);
  const value = Object.hasOwn(client, field) ? client[field] : undefined;
  if (value === undefined) {
    await context.note(`The client of issuer "${issuer}" has no "${field}"`);
    return EXIT.notRegistered;
  }
  const isBare = typeof value === "string" && !options.json;
  await context.print(`${await shown(value, isBare, context)}\n`);
  return EXIT.done;
}

async function tellMissing(context: Context, issuer: string): Promise<number> {
  const { open, note } = context;
  const clients = await open().list();
  const { otherSpelling } = await import("../core/issuer.ts");
  const listed = clients.get(issuer) ?? clients.get(otherSpelling(issuer));
  if (!listed) await (await import("./nothing_found.ts")).checkReadable(context);
  await note(
    listed?.expired
      ? `The client of issuer "${issuer}" has expired: register again`
      : (await import("./issuer_argument.ts")).noClient(issuer),
  );
  return listed?.expired ? EXIT.deadOrExpired : EXIT.notRegistered;
}

/** What a script gets as it is, but what may command a terminal is shown there by its code. */
async function shown(value: unknown, isBare: boolean, { terminal }: Context): Promise<string> {
  const text = isBare ? String(value) : JSON.stringify(value);
  if (/^[ -~]*$/.test(text) || isBare && !terminal.isTerminal("stdout")) return text;
  const { escaped, jsonText } = await import("./plain_text.ts");
  return isBare ? escaped(text) : jsonText(value, 0);
}
