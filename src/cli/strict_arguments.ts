import { parseArgs } from "node:util";
import { nearest } from "../core/client_store_error.ts";
import type { Options, Values } from "./arguments.ts";
import { COMMANDS, isComplete } from "./commands.ts";
import { CommandError, EXIT } from "./exit_code.ts";

/**
 * The values of these options, and what is none.
 *
 * @param args The arguments without the command.
 * @param known The options of the command.
 * @param name The command.
 * @throws {CommandError} With exit code 2, if there is no such command, option or argument.
 */
export function strictValues(
  args: readonly string[],
  known: Options,
  name: string | undefined,
): Values {
  if (name !== undefined && !Object.hasOwn(COMMANDS, name)) {
    throw usage(`there is no command "${name}"`, nearest(name, Object.keys(COMMANDS)));
  }
  const command = name === undefined ? undefined : COMMANDS[name];
  const read = readStrictly(args, known, name);
  const { values, positionals } = read;
  if (!command || values.help || values.version || isComplete(command, positionals)) return read;
  const { operands } = command;
  throw usage(
    positionals.length > operands.length
      ? `"${positionals[operands.length]}" is one argument too many`
      : `${operands[positionals.length]} is missing`,
    undefined,
    name,
  );
}

function readStrictly(args: readonly string[], known: Options, name: string | undefined): Values {
  const options = Object.fromEntries(
    Object.entries(known).map(([option, { value, multiple = false, short }]) => [
      option,
      {
        type: value === undefined ? "boolean" as const : "string" as const,
        multiple,
        ...(short !== undefined && { short }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: { ...values }, positionals };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const [, dashes = "--", option = ""] = /'(--?)([^' =<]*)/.exec(message) ?? [];
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
      const suggestion = dashes === "--" ? nearest(option, Object.keys(known)) : undefined;
      throw usage(`there is no option "${dashes}${option}"`, suggestion && `--${suggestion}`, name);
    }
    const isFlag = known[option] !== undefined && known[option].value === undefined;
    throw usage(
      `option "--${option}" ${isFlag ? "takes no value" : "needs a value"}`,
      undefined,
      name,
    );
  }
}

function usage(what: string, suggestion?: string, command?: string): CommandError {
  const meant = suggestion === undefined ? "." : `; did you mean "${suggestion}"?`;
  const see = `client-store ${command === undefined ? "" : `${command} `}--help`;
  return new CommandError(`client-store: ${what}${meant} See "${see}"`, EXIT.usage);
}
