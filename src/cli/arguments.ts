import { parseArgs } from "node:util";
import { type Command, COMMANDS, COMMON, type Option } from "./commands.ts";
import type { Given } from "./context.ts";
import { CommandError, EXIT } from "./exit_code.ts";

/** What the user asks for. */
export interface Parsed {
  /** The name of the command; `undefined` where none was given. */
  readonly name: string | undefined;
  readonly operands: readonly string[];
  readonly options: Given;
}

/**
 * Reads the arguments, strictly.
 *
 * @throws {CommandError} With exit code 2, if there is no such command, option or argument.
 */
export function parse(args: readonly string[]): Parsed {
  const at = args.findIndex((argument) => !argument.startsWith("-"));
  // An option with a value may come before the command only as `--name=value`.
  const name = at < 0 ? undefined : args[at];
  if (name !== undefined && !Object.hasOwn(COMMANDS, name)) {
    throw usage(`there is no command "${name}"`, nearest(name, Object.keys(COMMANDS)));
  }
  const command = name === undefined ? undefined : COMMANDS[name];
  const known = { ...COMMON, ...command?.options };
  const rest = args.filter((_, n) => n !== at);
  const { values, positionals } = read(rest, known, name);
  if (command && !values.help && !values.version) checkOperands(name ?? "", command, positionals);
  return { name, operands: positionals, options: values as Given };
}

function read(args: readonly string[], known: { [name: string]: Option }, name?: string) {
  const options = Object.fromEntries(
    Object.entries(known).map(([option, { value, multiple = false }]) => [
      option,
      { type: value === undefined ? "boolean" as const : "string" as const, multiple },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const [, option = ""] = /'--?([^' =<]*)/.exec(message) ?? [];
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const suggestion = nearest(option, Object.keys(known));
      throw usage(`there is no option "--${option}"`, suggestion && `--${suggestion}`, name);
    }
    const isFlag = known[option] !== undefined && known[option].value === undefined;
    throw usage(
      `option "--${option}" ${isFlag ? "takes no value" : "needs a value"}`,
      undefined,
      name,
    );
  }
}

function checkOperands(name: string, { operands }: Command, given: readonly string[]): void {
  const missing = operands.find((operand, n) => given[n] === undefined && !operand.startsWith("["));
  if (missing) throw usage(`${missing} is missing`, undefined, name);
  if (given.length > operands.length) {
    throw usage(`"${given[operands.length]}" is one argument too many`, undefined, name);
  }
}

function usage(what: string, suggestion?: string, command?: string): CommandError {
  const meant = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
  const see = `client-store ${command === undefined ? "" : `${command} `}--help`;
  return new CommandError(
    `client-store: ${what}${meant} See "${see}"`.replace(/([^?]) See/, "$1. See"),
    EXIT.usage,
  );
}

/** The one that differs in the fewest letters, if they are few. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => [distance(given, name), name] as const);
  const [closest] = distances.sort(([a], [b]) => a - b);
  return closest && closest[0] <= Math.max(2, given.length / 3) ? closest[1] : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
