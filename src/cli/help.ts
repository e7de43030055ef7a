import { type Command, COMMANDS, COMMON, type Option } from "./commands.ts";

/** The help of one command, or of all. */
export function helpOf(name: string | undefined): string {
  const command = name === undefined ? undefined : COMMANDS[name];
  return command && name !== undefined ? commandHelp(name, command) : overview();
}

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]): [string, string] => [
    name,
    summary,
  ]);
  return [
    "The OAuth 2.0 clients of this user: see, check, clear and repair what is stored",
    "",
    "usage: client-store COMMAND [ARGUMENT…] [OPTION…]",
    "",
    ...rows(commands),
    "",
    "options of every command:",
    ...rows(optionRows(COMMON)),
    "",
    "exit codes: 0 done, 1 failed, 2 usage, 3 not registered, 4 dead or expired, 130 interrupted",
    "",
  ].join("\n");
}

function commandHelp(name: string, { summary, operands, options, example }: Command): string {
  const own = optionRows(options);
  const usage = ["client-store", name, ...operands, ...own.map(([option]) => `[${option}]`)];
  return [
    `${summary[0]?.toUpperCase()}${summary.slice(1)}`,
    "",
    `usage: ${usage.join(" ")}`,
    "",
    ...(own.length > 0 ? ["options:", ...rows(own), ""] : []),
    "options of every command:",
    ...rows(optionRows(COMMON)),
    "",
    "example:",
    `  ${example}`,
    "",
  ].join("\n");
}

function optionRows(options: { readonly [name: string]: Option }): [string, string][] {
  return Object.entries(options).map(([name, { value, multiple, short, summary }]) => [
    `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}${
      multiple ? "…" : ""
    }`,
    summary,
  ]);
}

function rows(pairs: readonly [string, string][]): string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
