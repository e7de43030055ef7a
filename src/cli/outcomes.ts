import type { DeregisteredClient } from "../registration/mod.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
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
  if (options.json) await print(`${JSON.stringify(told, null, 2)}\n`);
  else {
    const rows = told.map(({ issuer, client_id, outcome }) => [issuer, client_id, outcome]);
    if (rows.length > 0) {
      await print(tableOf(["issuer", "client_id", "outcome"], rows, terminal.columns));
    }
  }
  return outcomes.every(({ outcome }) => typeof outcome === "string") ? EXIT.done : EXIT.failed;
}
