import type { ReplacedClient } from "../../mod.ts";
import { deregister, type DeregisteredClient, RegistrationError } from "../registration/mod.ts";
import { confirm } from "./ask.ts";
import type { Context } from "./context.ts";
import { textOf } from "./arguments.ts";
import { describedClients } from "./described_client.ts";
import { EXIT } from "./exit_code.ts";
import { noClient } from "./issuer_argument.ts";
import { checkReadable } from "./nothing_found.ts";
import { tellOutcomes } from "./outcomes.ts";

/** Forgets the clients of an issuer. */
export async function remove(context: Context): Promise<number> {
  const { open, options, operands: [issuer = ""], note } = context;
  const store = open();
  const only = textOf(options, "client-id");
  const clients = (await describedClients(store, issuer)).filter(({ client, state }) =>
    state !== "replaced" && (only === undefined || client.client_id === only)
  );
  if (clients.length === 0) {
    await checkReadable(context);
    await note(
      only === undefined
        ? noClient(issuer)
        : `No client "${only}" is registered with issuer "${issuer}"`,
    );
    return EXIT.notRegistered;
  }
  const names = clients.map(({ client }) => client.client_id);
  await confirm(`Remove ${names.join(", ")} of issuer "${issuer}"?`, context);
  const { signal } = context; // not before: nothing but the system ends what waits for an answer
  await store.remove(issuer, only === undefined ? undefined : { client_id: only }, { signal });
  await note(`Removed ${names.join(", ")}`);
  if (!options.deregister) return EXIT.done;
  const replaced = (await store.replaced()).filter((one) =>
    names.includes(one.client.client_id) && clients.some(({ issuer }) => issuer === one.issuer)
  );
  const outcomes: DeregisteredClient[] = [];
  for (const one of replaced) {
    const outcome = await outcomeOf(one, signal);
    outcomes.push({ issuer: one.issuer, client_id: one.client.client_id, outcome });
    if (outcome === "deleted" || outcome === "not found") await store.forgetReplaced([one]);
  }
  return await tellOutcomes(outcomes, context);
}

async function outcomeOf(
  { issuer, client }: ReplacedClient,
  signal: AbortSignal,
): Promise<DeregisteredClient["outcome"]> {
  try {
    return await deregister(client, { issuer, signal });
  } catch (error) {
    if (error instanceof RegistrationError) return error;
    throw error;
  }
}
