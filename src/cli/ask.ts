import type { Context } from "./context.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { escaped } from "./plain_text.ts";

/**
 * Asks before something is destroyed, unless `--yes` says that it may be.
 *
 * @throws {CommandError} If the user says no, or cannot be asked.
 */
export async function confirm(question: string, context: Context): Promise<void> {
  const { terminal, options } = context;
  if (options.yes) return;
  const canAsk = !options["no-input"] && terminal.isTerminal("stdin") &&
    terminal.isTerminal("stderr");
  if (!canAsk) {
    throw new CommandError(
      `client-store: ${question} Nobody can be asked here: say --yes to do it`,
      EXIT.usage,
    );
  }
  await terminal.writeError(`${escaped(question)} [y/N] `);
  const answer = (await terminal.read("line")).trim().toLowerCase();
  if (answer !== "y" && answer !== "yes") throw new CommandError("Nothing was changed");
}
