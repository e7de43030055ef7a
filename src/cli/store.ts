import type { ClientInformation } from "../../mod.ts";
import { isObject, parseJson } from "../core/json.ts";
import type { Context } from "./context.ts";
import { checkIssuerArgument } from "./issuer_argument.ts";
import { CommandError, EXIT } from "./exit_code.ts";

/** Keeps a client that the user was given. */
export async function store(context: Context): Promise<number> {
  const { open, operands: [issuer = ""], terminal, note } = context;
  checkIssuerArgument(issuer);
  if (terminal.isTerminal("stdin")) {
    await note('Type the client as JSON, such as {"client_id": "…"}');
  }
  const client = clientIn(await terminal.read("end"));
  // The signal not before: nothing but the system ends what waits for input.
  await open().store(issuer, client, { source: "pre-registered", signal: context.signal });
  await note(`Stored the client "${client.client_id}" of issuer "${issuer}"`);
  return EXIT.done;
}

function clientIn(text: string): ClientInformation {
  const client = parseJson(text);
  if (isObject(client)) return client as ClientInformation;
  throw new CommandError(
    'client-store: standard input must be a JSON object with a "client_id"',
    EXIT.usage,
  );
}
