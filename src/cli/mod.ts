/**
 * The command line: `client-store` lists, shows, checks, clears and repairs the OAuth 2.0 clients of a
 * user. For people and scripts; programs use the library.
 *
 * ```sh
 * deno run --allow-env --allow-read --allow-write --allow-net jsr:@oauth2/client-store/cli list
 * ```
 *
 * @module
 */
import { openClientStore } from "../../mod.ts";
import { currentTerminal, type Terminal } from "../runtime/terminal.ts";
import { parse, textOf } from "./arguments.ts";
import type { Context } from "./context.ts";
import { EXIT, NotGranted } from "./exit_code.ts";
import { LOAD } from "./load_command.ts";

export type { Terminal };

/** Nobody reads what is printed any more. */
class Unread extends Error {}

/** Tells a command that the user wants it to end; one that does not ask is simply ended. */
class Interruption {
  readonly #terminal: Terminal;
  #controller: AbortController | undefined;
  stop: () => void = () => {};

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = this.#controller = new AbortController();
    this.stop = this.#terminal.onInterrupt(() => {
      this.stop(); // whoever is in a hurry ends the process with the next one
      controller.abort(new Error("Interrupted"));
    });
    return controller.signal;
  }

  get hasCome(): boolean {
    return this.#controller?.signal.aborted === true;
  }
}

/**
 * Runs the command line, and sets the exit code of the process.
 *
 * @param terminal Where arguments come from and output goes; that of this process unless given.
 * @returns Resolves when the command has ended; it never rejects for what a user can do wrong.
 *
 * @example Print the version
 * ```ts
 * import { main } from "@oauth2/client-store/cli";
 *
 * await main({
 *   args: ["--version"],
 *   columns: () => undefined,
 *   env: () => undefined,
 *   isTerminal: () => false,
 *   write: (text) => Promise.resolve(text.startsWith("0.")),
 *   writeError: () => Promise.resolve(),
 *   read: () => Promise.resolve(""),
 *   mayRead: () => true,
 *   setExitCode: () => {},
 *   onInterrupt: () => () => {},
 * });
 * ```
 */
export async function main(terminal: Terminal = currentTerminal()): Promise<void> {
  const interruption = new Interruption(terminal);
  try {
    terminal.setExitCode(await run(terminal, interruption));
  } catch (error) {
    if (error instanceof Unread) return terminal.setExitCode(EXIT.done);
    if (interruption.hasCome) return terminal.setExitCode(EXIT.interrupted);
    const [{ escaped }, { exitCodeOf, messageOf }] = await Promise.all([
      import("./plain_text.ts"),
      import("./own_words.ts"),
    ]);
    await terminal.writeError(`${messageOf(error).split("\n").map(escaped).join("\n")}\n`);
    terminal.setExitCode(exitCodeOf(error));
  } finally {
    interruption.stop();
  }
}

async function run(terminal: Terminal, interruption: Interruption): Promise<number> {
  const { name, operands, options } = await parse(terminal.args);
  const print = async (text: string) => {
    if (!await terminal.write(text)) throw new Unread();
  };
  if (options.version) {
    const { VERSION } = await import("./version.ts");
    await print(`${VERSION}\n`);
    return EXIT.done;
  }
  const load = name === undefined ? undefined : LOAD[name];
  if (options.help || !load) {
    const { helpOf } = await import("./help.ts");
    if (options.help) await print(helpOf(name));
    else await terminal.writeError(helpOf(name));
    return options.help ? EXIT.done : EXIT.usage;
  }
  const note = async (text: string) => {
    if (options.quiet) return;
    const { escaped } = await import("./plain_text.ts");
    await terminal.writeError(`${escaped(text)}\n`);
  };
  const context: Context = {
    terminal,
    operands,
    options,
    get signal() {
      return interruption.signal;
    },
    print,
    note,
    open({ isRead = true } = {}) {
      const [appName, tenant, path] = ["app-name", "tenant", "path"].map((one) =>
        textOf(options, one)
      );
      const store = openClientStore({
        ...(appName !== undefined && { appName }),
        ...(tenant !== undefined && { tenant }),
        ...(path !== undefined && { path }),
        warn: async (message) => await note((await import("./own_words.ts")).inOwnWords(message)),
      });
      // What may not be looked for would read as not registered.
      if (isRead && !terminal.mayRead(store.path)) throw new NotGranted(store.path);
      return store;
    },
  };
  return await (await load())(context);
}

/** Node before 24.2 does not say whether a module is the program. */
async function isProgram(): Promise<boolean> {
  const { main: isMain } = import.meta as { main?: boolean };
  if (isMain !== undefined) return isMain;
  const { isMainModule } = await import("../runtime/main_module.ts");
  return isMainModule(import.meta.url);
}

if (await isProgram()) await main();
