import { resolveClient } from "../registration/mod.ts";
import type { Context } from "./context.ts";
import { textOf } from "./arguments.ts";
import { jsonOf } from "./described_client.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { underWay } from "./under_way.ts";

/** Gets a client: the stored one if it fits, or else registers one. */
export async function register(context: Context): Promise<number> {
  const { open, options, operands: [issuer = ""], terminal, signal, print } = context;
  const redirectUris = options["redirect-uri"] as readonly string[] | undefined;
  const [scope, name] = [textOf(options, "scope"), textOf(options, "client-name")];
  const hasToken = options["initial-access-token-stdin"] === true;
  const token = hasToken ? (await terminal.read("end")).trim() : undefined;
  if (token === "") {
    throw new CommandError("client-store: standard input holds no token", EXIT.usage);
  }
  const clientMetadata = {
    ...(redirectUris && { redirect_uris: [...redirectUris] }),
    ...(scope !== undefined && { scope }),
    ...(name !== undefined && { client_name: name }),
    // A command line keeps no secret that others could not read, too.
    ...(redirectUris && { token_endpoint_auth_method: "none" }),
    ...(!redirectUris && { grant_types: ["client_credentials"], response_types: [] }),
  };
  const what = `Registering with ${issuer}, or waiting for another process that does`;
  const request = {
    clientMetadata,
    signal,
    ...(token !== undefined && { initialAccessToken: token }),
    ...(options.retry === true && { retry: true }),
  };
  const { client, source } = await underWay(
    what,
    context,
    () => resolveClient(open(), issuer, request).catch((error) => hint(error, context)),
  );
  const described = { issuer, client, source, state: "current" as const, isExpired: false };
  await print(
    options.json
      ? `${JSON.stringify(jsonOf(described, false), null, 2)}\n`
      : `${client.client_id}\n`,
  );
  return EXIT.done;
}

/** What the library says of its options, in the words of the command line. */
async function hint(error: unknown, { note, options }: Context): Promise<never> {
  const { status, retryAfter } = error as { status?: unknown; retryAfter?: unknown };
  if (retryAfter !== undefined) await note("--retry asks the server all the same");
  if (status === 401 || status === 403) await note("--initial-access-token-stdin reads a token");
  if (status === 400 && !options["redirect-uri"]) {
    await note("Without --redirect-uri a client for client_credentials was asked for");
  }
  throw error;
}
