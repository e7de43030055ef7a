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
  const known = (await describedClients(store, issuer)).filter(({ state }) => state !== "replaced");
  // Where both spellings have a current client, the other one stays, with those of its spelling.
  const isOne = known.filter(({ state }) => state === "current").length < 2;
  const clients = known.filter((one) =>
    only === undefined ? isOne || one.issuer === issuer : one.client.client_id === only
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
  const left = names.filter((name) => !replaced.some(({ client }) => client.client_id === name));
  const code = await tellOutcomes(outcomes, context);
  if (left.length === 0) return code;
  await note(`Not deleted at the server, which gave no way to: ${left.join(", ")}`);
  return EXIT.failed;
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
