import { isToken } from "../registration/token.ts";
import type { Context } from "./context.ts";
import { textOf } from "./arguments.ts";
import { jsonOf } from "./described_client.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { checkIssuerArgument } from "./issuer_argument.ts";
import { escaped, jsonText } from "./plain_text.ts";
import { resolveUnderWay } from "./resolve_under_way.ts";

/** Gets a client: the stored one if it fits, or else registers one. */
export async function register(context: Context): Promise<number> {
  const { open, options, operands: [issuer = ""], terminal, print } = context;
  checkIssuerArgument(issuer);
  const redirectUris = options["redirect-uri"] as readonly string[] | undefined;
  const [scope, name] = [textOf(options, "scope"), textOf(options, "client-name")];
  const hasToken = options["initial-access-token-stdin"] === true;
  const token = hasToken ? (await terminal.read("end")).trim() : undefined;
  if (token !== undefined && !isToken(token)) {
    const what = token === ""
      ? "holds no token"
      : "must be one token, of visible ASCII characters, and nothing else";
    throw new CommandError(`client-store: standard input ${what}`, EXIT.usage);
  }
  const origin = textOf(options, "initial-access-token-origin");
  const { signal } = context; // not before: nothing but the system ends what waits for input
  const clientMetadata = {
    ...(redirectUris && { redirect_uris: [...redirectUris] }),
    ...(scope !== undefined && { scope }),
    ...(name !== undefined && { client_name: name }),
    // A command line keeps no secret that others could not read, too.
    ...(redirectUris && { token_endpoint_auth_method: "none" }),
    ...(!redirectUris && { grant_types: ["client_credentials"], response_types: [] }),
  };
  const request = {
    clientMetadata,
    signal,
    ...(token !== undefined && { initialAccessToken: token }),
    ...(origin !== undefined && { initialAccessTokenOrigin: origin }),
    ...(options.retry === true && { retry: true }),
  };
  const { client, source } = await resolveUnderWay(open(), issuer, request, context)
    .catch((error) => hint(error, context));
  const described = { issuer, client, source, state: "current" as const, isExpired: false };
  const bare = terminal.isTerminal("stdout") ? escaped(client.client_id) : client.client_id;
  await print(`${options.json ? jsonText(jsonOf(described, false)) : bare}\n`);
  return EXIT.done;
}

/** What may be missing, where the server cannot say it. */
async function hint(error: unknown, { note, options }: Context): Promise<never> {
  const { status } = error as { status?: unknown };
  if (status === 400 && !options["redirect-uri"]) {
    await note("Without --redirect-uri a client for client_credentials was asked for");
  }
  throw error;
}
