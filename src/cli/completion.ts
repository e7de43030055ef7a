import { COMMANDS, COMMON } from "./commands.ts";
import type { Context } from "./context.ts";
import { CommandError, EXIT } from "./exit_code.ts";

const names = Object.keys(COMMANDS);
const optionsOf = (name: string) =>
  Object.keys({ ...COMMANDS[name]?.options, ...COMMON }).map((option) => `--${option}`);

/** What an operand may be, where the table lists it: `bash|zsh|fish`. */
const choicesOf = (name: string) =>
  (COMMANDS[name]?.operands ?? []).filter((one) => one.includes("|")).flatMap((one) =>
    one.split("|")
  );
const wordsOf = (name: string) => [...choicesOf(name), ...optionsOf(name)].join(" ");

const SCRIPTS: { readonly [shell: string]: () => string } = { bash, zsh, fish };

/** Prints a completion script. */
export async function completion({ operands: [shell = ""], print }: Context): Promise<number> {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (!script) {
    throw new CommandError(
      `client-store: there is no completion for "${shell}": name bash, zsh or fish`,
      EXIT.usage,
    );
  }
  await print(script());
  return EXIT.done;
}

function bash(): string {
  const cases = names.map((name) => `    ${name}) words="${wordsOf(name)}" ;;`);
  return `_client_store() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${names.join(" ")} --help --version" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${names.join(" ")} --help --version"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _client_store client-store
`;
}

function zsh(): string {
  const commands = names.map((name) =>
    `    '${name}:${quoted(COMMANDS[name]?.summary ?? "").replaceAll(":", "\\:")}'`
  );
  const cases = names.map((name) => `    ${name}) compadd -- ${wordsOf(name)} ;;`);
  return `#compdef client-store
_client_store() {
  local -a commands
  commands=(
${commands.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _client_store client-store
`;
}

function fish(): string {
  const commands = names.map((name) =>
    `complete -c client-store -f -n __fish_use_subcommand -a ${name} -d '${
      quoted(COMMANDS[name]?.summary ?? "")
    }'`
  );
  const options = names.flatMap((name) =>
    Object.entries({ ...COMMANDS[name]?.options, ...COMMON }).map(([option, { value, summary }]) =>
      `complete -c client-store -f -n '__fish_seen_subcommand_from ${name}' -l ${option}${
        value === undefined ? "" : " -r"
      } -d '${quoted(summary)}'`
    )
  );
  const choices = names.filter((name) => choicesOf(name).length > 0).map((name) =>
    `complete -c client-store -f -n '__fish_seen_subcommand_from ${name}' -a '${
      choicesOf(name).join(" ")
    }'`
  );
  return `${[...commands, ...choices, ...options].join("\n")}\n`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "");
}
