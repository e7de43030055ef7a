import { COMMANDS, COMMON, type Option } from "./commands.ts";

// The scripts ask the command itself for the stored issuers: in a pipe a line begins with one, and a
// backslash shows what no issuer holds. They may be anybody's word, so no shell expands them: they are
// compared, quoted, and offered only as URLs, never as options. What fails offers nothing.

const names = Object.keys(COMMANDS);
const optionsOf = (name: string): { readonly [option: string]: Option } => ({
  ...COMMANDS[name]?.options,
  ...COMMON,
});
const flagsOf = (name: string) => Object.keys(optionsOf(name)).map((option) => `--${option}`);

/** What an operand may be, where the table lists it: `bash|zsh|fish`. */
const choicesOf = (name: string) =>
  (COMMANDS[name]?.operands ?? []).filter((one) => one.includes("|")).flatMap((one) =>
    one.split("|")
  );
const takesIssuer = names.filter((name) =>
  COMMANDS[name]?.operands.some((one) => one.includes("ISSUER"))
);
/** The options that name another store: the issuers are asked for with them. */
const PLACES = ["app-name", "tenant", "path"];
const valued = [
  ...new Set(
    names.flatMap((name) =>
      Object.entries(optionsOf(name)).flatMap(([option, { value }]) =>
        value === undefined ? [] : [`--${option}`]
      )
    ),
  ),
];

/** The script for bash, from 3.2 on. */
export function bash(): string {
  const cases = names.map((name) =>
    `    ${name}) words="${[...choicesOf(name), ...flagsOf(name)].join(" ")}" ;;`
  );
  return `_client_store() {
  local line="\${COMP_LINE:0:COMP_POINT}" words="" command="" operand="" before="" word quoted issuer
  local -a given typed
  read -r -a typed <<< "$line"
  case "$line" in *[[:space:]]) typed+=("") ;; esac
  local last=$(( \${#typed[@]} - 1 ))
  local current="\${typed[last]}" at
  for (( at = 1; at < last; at++ )); do
    word="\${typed[at]}"
    case "$before" in ${valued.join("|")})
      case "$before" in ${PLACES.map((one) => `--${one}`).join("|")})
        given+=("$before" "\${word/#\\~\\//$HOME/}") ;;
      esac
      before=""
      continue ;;
    esac
    case "$word" in
      ${PLACES.map((one) => `--${one}=*`).join("|")}) given+=("$word") ;;
      -*) ;;
      *) if [ -z "$command" ]; then command="$word"; else operand="$word"; fi ;;
    esac
    before="$word"
  done
  COMPREPLY=()
  case "$before" in
    --path) compopt -o default 2> /dev/null; return ;;
    ${valued.filter((one) => one !== "--path").join("|")}) return ;;
  esac
  case "$command" in
    "") words="${names.join(" ")} --help --version" ;;
${cases.join("\n")}
  esac
  case "$command" in ${takesIssuer.join("|")})
    if [ -z "$operand" ] && [ "\${current:0:1}" != - ]; then
      while IFS= read -r issuer; do
        case "$issuer" in *\\\\*) continue ;; http://*|https://*) ;; *) continue ;; esac
        printf -v quoted %q "$issuer"
        if [ "\${issuer:0:\${#current}}" = "$current" ] || [ "\${quoted:0:\${#current}}" = "$current" ]; then
          COMPREPLY+=("$quoted")
        fi
      done < <("$1" list --quiet --no-input \${given[@]+"\${given[@]}"} 2> /dev/null < /dev/null | cut -f 1 | sort -u)
      [ -n "$current" ] || [ \${#COMPREPLY[@]} -gt 0 ] && words=""
    fi ;;
  esac
  for word in $words; do
    [ "\${word:0:\${#current}}" = "$current" ] && COMPREPLY+=("$word")
  done
  # Readline breaks words at a colon, and puts in what comes after the last one.
  case "$current" in *[:=]*)
    local head="\${current%"\${current##*[:=]}"}"
    for at in "\${!COMPREPLY[@]}"; do COMPREPLY[at]="\${COMPREPLY[at]#"$head"}"; done ;;
  esac
}
complete -F _client_store client-store
`;
}

/** The script for zsh. */
export function zsh(): string {
  const commands = names.map((name) =>
    `    '${name}:${quoted(COMMANDS[name]?.summary ?? "").replaceAll(":", "\\:")}'`
  );
  const cases = names.map((name) =>
    `    ${name}) compadd -- ${[...choicesOf(name), ...flagsOf(name)].join(" ")} ;;`
  );
  return `#compdef client-store
_client_store() {
  local -a commands issuers given
  local command="" operand="" before="" word
  commands=(
${commands.join("\n")}
  )
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$before" in (${valued.join("|")})
      case "$before" in (${PLACES.map((one) => `--${one}`).join("|")})
        given+=("$before" "\${\${(Q)word}/#\\~\\//$HOME/}") ;;
      esac
      before=""
      continue ;;
    esac
    case "$word" in
      (${PLACES.map((one) => `--${one}=*`).join("|")}) given+=("\${(Q)word}") ;;
      (-*) ;;
      (*) if [[ -z "$command" ]]; then command="$word"; else operand="$word"; fi ;;
    esac
    before="$word"
  done
  case "$before" in
    (--path) _files; return ;;
    (${valued.filter((one) => one !== "--path").join("|")}) return ;;
  esac
  if [[ -z "$command" ]]; then
    _describe command commands
    compadd -- --help --version
    return
  fi
  case "$command" in (${takesIssuer.join("|")})
    if [[ -z "$operand" && "$PREFIX" != -* ]]; then
      issuers=("\${(@f)$("\${words[1]}" list --quiet --no-input "\${given[@]}" 2> /dev/null < /dev/null | cut -f 1 | sort -u)}")
      issuers=("\${(@)issuers:#*\\\\*}")
      issuers=("\${(@M)issuers:#http(|s)://*}")
      if (( \${#issuers} > 0 )); then
        compadd -a issuers
        return
      fi
    fi ;;
  esac
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _client_store client-store
`;
}

/** The script for fish. */
export function fish(): string {
  const add = (condition: string, rest: string) =>
    `complete -c client-store -n '${condition}' ${rest}`;
  const seen = (name: string) => `__fish_seen_subcommand_from ${name}`;
  const commands = names.map((name) =>
    add("__fish_use_subcommand", `-f -a ${name} -d '${quoted(COMMANDS[name]?.summary ?? "")}'`)
  );
  const options = names.flatMap((name) =>
    Object.entries(optionsOf(name)).map(([option, { value, summary }]) => {
      const kind = value === undefined ? "" : option === "path" ? " -r -F" : " -x";
      return add(seen(name), `-l ${option}${kind} -d '${quoted(summary)}'`);
    })
  );
  const choices = names.filter((name) => choicesOf(name).length > 0).map((name) =>
    add(seen(name), `-f -a '${choicesOf(name).join(" ")}'`)
  );
  const issuers = add(seen(takesIssuer.join(" ")), "-f -a '(__client_store_issuers)'");
  return `function __client_store_issuers
  set -l given
  set -l before ''
  for word in (commandline -opc)
    switch $before
      case ${PLACES.map((one) => `--${one}`).join(" ")}
        set -a given $before (string replace -r '^~/' "$HOME/" -- $word)
    end
    string match -qr -- '^--(${PLACES.join("|")})=' $word; and set -a given $word
    set before $word
  end
  type -q client-store; or return
  client-store list --quiet --no-input $given 2>/dev/null </dev/null | string split -f 1 \\t | string match -r '^https?://[^\\\\\\\\]*$' | sort -u
end
complete -c client-store -f
${[...commands, ...choices, issuers, ...options].join("\n")}
`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "");
}
