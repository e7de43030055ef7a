import { deregisterReplaced } from "../registration/mod.ts";
import { confirm } from "./ask.ts";
import type { Context } from "./context.ts";
import { describedClients } from "./described_client.ts";
import { EXIT } from "./exit_code.ts";
import { tellOutcomes } from "./outcomes.ts";
import { underWay } from "./under_way.ts";

/** Deletes replaced and expired clients at their servers. */
export async function prune(context: Context): Promise<number> {
  const { open, options, note } = context;
  const store = open();
  const expired = (await describedClients(store)).filter(({ isExpired, source, state }) =>
    isExpired && source === "dcr" && state !== "replaced"
  );
  const replaced = await store.replaced();
  const names = [
    ...expired.map(({ issuer, client }) => ({
      issuer,
      client_id: client.client_id,
      outcome: "expired",
    })),
    ...replaced.map(({ issuer, client }) => ({
      issuer,
      client_id: client.client_id,
      outcome: "replaced",
    })),
  ];
  if (names.length === 0) {
    await note("There is nothing to delete");
    return EXIT.done;
  }
  if (options["dry-run"]) return await tellOutcomes(names as never, context);
  const ids = names.map(({ client_id }) => client_id).join(", ");
  await confirm(`Delete at their servers: ${ids}?`, context);
  const { signal } = context; // not before: nothing but the system ends what waits for an answer
  for (const { issuer, client } of expired) {
    await store.remove(issuer, { client_id: client.client_id }, { signal });
  }
  const what = `Deleting ${names.length === 1 ? "a client" : `${names.length} clients`}`;
  const outcomes = await underWay(() => what, context, () => deregisterReplaced(store, { signal }));
  for (const { issuer, client: { client_id } } of expired) {
    const isTold = outcomes.some((one) => one.issuer === issuer && one.client_id === client_id);
    if (!isTold) {
      await note(
        `Forgot "${client_id}" of issuer "${issuer}", which gave no way to delete it there`,
      );
    }
  }
  return await tellOutcomes(outcomes, context);
}
