import { RegistrationError, verifyClient } from "../registration/mod.ts";
import { issuerFault } from "../core/issuer.ts";
import type { ClientInformation, FileStore, Requested } from "../../mod.ts";
import type { Context } from "./context.ts";
import { type DescribedClient, describedClients } from "./described_client.ts";
import { EXIT } from "./exit_code.ts";
import { inOwnWords } from "./own_words.ts";
import { jsonText } from "./plain_text.ts";
import { noClient } from "./issuer_argument.ts";
import { checkReadable } from "./nothing_found.ts";
import { resolveUnderWay } from "./resolve_under_way.ts";
import { tableOf } from "./table.ts";
import { underWay } from "./under_way.ts";

/** What was found out of one client. */
interface Verified {
  readonly issuer: string;
  readonly client_id: string;
  readonly verdict: string;
  readonly how: string;
}

/** The last that a server was asked. */
interface Asked {
  url: string;
  isAnswered: boolean;
}

/** Asks the servers whether they still know the clients. */
export async function verify(context: Context): Promise<number> {
  const { open, operands: [issuer], options, terminal, print, note } = context;
  const store = open();
  const clients = (await describedClients(store, issuer)).filter(({ state }) =>
    state !== "replaced"
  );
  if (clients.length === 0) {
    await checkReadable(context);
    await note(issuer === undefined ? "No client is registered" : noClient(issuer));
    return issuer === undefined ? EXIT.done : EXIT.notRegistered;
  }
  const found: Verified[] = [];
  for (const client of clients) found.push(await verdictOf(client, store, context));
  if (options.json) await print(`${jsonText(found)}\n`);
  else {
    const rows = found.map((
      { issuer, client_id, verdict, how },
    ) => [issuer, client_id, verdict, how]);
    await print(
      tableOf(["issuer", "client_id", "verdict", "how"], rows, terminal.columns("stdout")),
    );
  }
  const isBad = found.some(({ verdict }) => verdict === "dead" || verdict === "expired");
  return isBad ? EXIT.deadOrExpired : EXIT.done;
}

async function verdictOf(
  { issuer, client, source, requested, isExpired }: DescribedClient,
  store: FileStore,
  context: Context,
): Promise<Verified> {
  const { client_id } = client;
  const { signal, options, note } = context;
  // What anybody may have written into the file is no reason to leave the others unasked.
  const fault = issuerFault(issuer);
  if (fault !== undefined) return { issuer, client_id, verdict: "unknown", how: fault };
  const asked: Asked = { url: "", isAnswered: false };
  const fetchAndNote = async (url: string, init?: RequestInit) => {
    Object.assign(asked, { url, isAnswered: false });
    const response = await fetch(url, init);
    asked.isAnswered = true;
    return response;
  };
  const verdict = isExpired ? "expired" : await underWay(
    () => `Asking ${issuer}`,
    context,
    () => verifyClient(issuer, client, { store, signal, fetch: fetchAndNote }),
  );
  const told = { issuer, client_id, verdict, how: howOf(verdict, client, asked) };
  if (!options.fix || verdict === "alive" || verdict === "unknown") return told;
  if (source === "pre-registered") {
    return { ...told, how: `${told.how}; it is not ours to replace` };
  }
  const clientMetadata = metadataOf(client, requested);
  if (!clientMetadata.redirect_uris && !clientMetadata.grant_types) {
    // What another program has stored would be replaced by a client that is good for nothing.
    return { ...told, how: `${told.how}; what it was registered for is not known` };
  }
  const request = {
    clientMetadata,
    replace: client_id,
    retry: true, // the user asks for it now
    signal,
  };
  try {
    const { client: next } = await resolveUnderWay(store, issuer, request, context);
    return { ...told, verdict: "replaced", how: `by ${next.client_id}` };
  } catch (error) {
    // One that refuses, or damaged metadata of one, is no reason to leave the others as they are.
    if (!(error instanceof RegistrationError || error instanceof TypeError)) throw error;
    await note(inOwnWords(error.message));
    return { ...told, how: `${told.how}; it could not be replaced` };
  }
}

/** What the verdict comes from: the last that the server was asked for. */
function howOf(verdict: string, client: ClientInformation, { url, isAnswered }: Asked): string {
  if (verdict === "expired") return "client_secret_expires_at";
  if (verdict === "unknown") {
    return isAnswered ? "the server does not say" : "the server cannot be reached";
  }
  if (url === client.registration_client_uri) return "its registration (RFC 7592)";
  return url === client.client_id ? "its document" : "the token endpoint (RFC 6749)";
}

/** What to ask for to get such a client again: what the server answered, else what it was asked. */
function metadataOf(client: ClientInformation, requested: Requested): Record<string, unknown> {
  const members = [
    "redirect_uris",
    "scope",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "application_type",
    "client_name",
  ];
  const known: Record<string, unknown> = { ...requested, ...client };
  return Object.fromEntries(
    members.filter((member) => known[member] !== undefined)
      .map((member) => [member, known[member]]),
  );
}
