import type { DeregisteredClient } from "../registration/mod.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { jsonText } from "./plain_text.ts";
import { tableOf } from "./table.ts";

/** Tells what became of clients at their servers. */
export async function tellOutcomes(
  outcomes: readonly DeregisteredClient[],
  { options, terminal, print }: Context,
): Promise<number> {
  const told = outcomes.map(({ issuer, client_id, outcome }) => ({
    issuer,
    client_id,
    outcome: typeof outcome === "string" ? outcome : outcome.message,
  }));
  if (options.json) await print(`${jsonText(told)}\n`);
  else {
    const rows = told.map(({ issuer, client_id, outcome }) => [issuer, client_id, outcome]);
    if (rows.length > 0) {
      await print(tableOf(["issuer", "client_id", "outcome"], rows, terminal.columns("stdout")));
    }
  }
  return outcomes.every(({ outcome }) => typeof outcome === "string") ? EXIT.done : EXIT.failed;
}
