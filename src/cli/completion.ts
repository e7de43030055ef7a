import { bash, fish, zsh } from "./completion_scripts.ts";
import type { Context } from "./context.ts";
import { CommandError, EXIT } from "./exit_code.ts";

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
