import { shellWord } from "../core/shell_word.ts";
import { CommandError, EXIT, NotGranted } from "./exit_code.ts";

/**
 * What the library says of its options, and what that is on the command line. Each left side stands in
 * a message of the library.
 */
export const OWN_WORDS: readonly (readonly [library: string, own: string])[] = [
  ["pass retry: true to ask all the same", "--retry asks all the same"],
  [" (initialAccessToken)", " (--initial-access-token-stdin)"],
  ["pass it as initialAccessTokenOrigin", "name it with --initial-access-token-origin"],
  ["initialAccessTokenOrigin must be", "--initial-access-token-origin must be"],
  ["; try again, or raise lockTimeout", "; try again"],
  ["or give path", "or give --path"],
  ["XDG_CONFIG_HOME or path to", "XDG_CONFIG_HOME or --path to"],
  ["Cannot open client store: appName ", "Cannot open client store: --app-name "],
  ["Cannot open client store: tenant ", "Cannot open client store: --tenant "],
  ["Cannot open client store: path ", "Cannot open client store: --path "],
];

const MEMBERS: { readonly [member: string]: string } = {
  redirect_uris: "--redirect-uri",
  scope: "--scope",
};

/** A message of the library in the words of the command line. */
export function inOwnWords(message: string): string {
  const told = OWN_WORDS.reduce((text, [library, own]) => text.replace(library, own), message);
  return told.replace(
    /(asked for) \(([a-z_, ]+)\)/,
    (_, before, members: string) =>
      `${before} (${members.split(", ").map((member) => MEMBERS[member] ?? member).join(", ")})`,
  );
}

/** What is said of an error. */
export function messageOf(error: unknown): string {
  if (error instanceof NotGranted) {
    const directory = error.path.replace(/[\\/][^\\/]*$/, "");
    return `Cannot read "${error.path}": run Deno with --allow-read=${shellWord(directory || "/")}`;
  }
  return inOwnWords(error instanceof Error ? error.message : String(error));
}

/** What the command ends with for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  // So the library refuses an argument; what the runtimes call a TypeError begins otherwise.
  const isArgument = error instanceof TypeError && /^Cannot \w+ client\b/.test(error.message);
  return isArgument ? EXIT.usage : EXIT.failed;
}
