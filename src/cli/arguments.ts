import { COMMANDS, COMMON, isComplete, type Option } from "./commands.ts";
import type { Given } from "./context.ts";

/** What the user asks for. */
export interface Parsed {
  /** The name of the command; `undefined` where none was given. */
  readonly name: string | undefined;
  readonly operands: readonly string[];
  readonly options: Given;
}

/** The values of options, and what is none. */
export interface Values {
  readonly values: Given;
  readonly positionals: readonly string[];
}

/** The options that a command knows. */
export interface Options {
  readonly [name: string]: Option;
}

/**
 * Reads the arguments, strictly.
 *
 * @throws {CommandError} With exit code 2, if there is no such command, option or argument.
 */
export async function parse(args: readonly string[]): Promise<Parsed> {
  const isValue = (before = "") =>
    before.startsWith("--") && COMMON[before.slice(2)]?.value !== undefined;
  const at = args.findIndex((one, n) => !one.startsWith("-") && !isValue(args[n - 1]));
  const name = at < 0 ? undefined : args[at];
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const known = { ...COMMON, ...command?.options };
  const rest = args.filter((_, n) => n !== at);
  const plain = plainValues(rest, known);
  if (plain && command && isComplete(command, plain.positionals)) {
    return { name, operands: plain.positionals, options: plain.values };
  }
  const { strictValues } = await import("./strict_arguments.ts");
  const { values, positionals } = strictValues(rest, known, name);
  return { name, operands: positionals, options: values };
}

/**
 * The values where each argument is an operand or a known option of the plainest form: then there is
 * nothing to be strict about. `node:util` takes Deno half as long to load as all else of a lookup.
 */
export function plainValues(args: readonly string[], known: Options): Values | undefined {
  const values: { [name: string]: string | boolean } = {};
  const positionals: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (!argument.startsWith("-")) {
      positionals.push(argument);
      continue;
    }
    const name = argument.slice(2);
    const option = argument.startsWith("--") && Object.hasOwn(known, name)
      ? known[name]
      : undefined;
    if (!option || option.multiple) return undefined;
    const value = option.value === undefined ? true : args[++at];
    if (value === undefined || value === "" || String(value).startsWith("-")) return undefined;
    values[name] = value;
  }
  return { values, positionals };
}

/** A value of an option that takes one. */
export function textOf(options: Given, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}
