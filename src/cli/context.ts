import type { FileStore } from "../../mod.ts";
import type { Terminal } from "../runtime/terminal.ts";

/** The values of the options that were given, by name. */
export interface Given {
  readonly [name: string]: string | boolean | readonly (string | boolean)[] | undefined;
}

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal;
  /** The arguments that are no options. */
  readonly operands: readonly string[];
  readonly options: Given;
  /** Opens the store that the options name; throws where it may not be read, unless that is not meant. */
  open(options?: { isRead?: boolean }): FileStore;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Prints data. */
  print(text: string): Promise<void>;
  /** Tells the user something, unless `--quiet`. */
  note(text: string): Promise<void>;
}
