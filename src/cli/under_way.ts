import type { Context } from "./context.ts";
import { escaped } from "./plain_text.ts";

/** What takes longer is told of, in milliseconds. */
const PATIENCE = 1000;

/** Does what may take long; on a terminal the user sees that it is under way, and for how long. */
export async function underWay<T>(
  what: string,
  { terminal, options }: Context,
  action: () => Promise<T>,
): Promise<T> {
  if (options.quiet || !terminal.isTerminal("stderr") || terminal.env("TERM") === "dumb") {
    return await action();
  }
  const started = performance.now();
  let hasTold = false;
  const timer = setInterval(() => {
    hasTold = true;
    const seconds = Math.round((performance.now() - started) / 1000);
    void terminal.writeError(`\r${escaped(what)} (${seconds} s)`);
  }, PATIENCE);
  try {
    return await action();
  } finally {
    clearInterval(timer);
    if (hasTold) await terminal.writeError("\r\x1b[K");
  }
}
