import type { Context } from "./context.ts";
import { escaped, fitted, widthOf } from "./plain_text.ts";

/** What takes longer is told of, in milliseconds. */
const PATIENCE = 1000;

/**
 * Does what may take long; on a terminal the user sees what is under way, and for how long.
 *
 * @param what Says what is under way now.
 */
export async function underWay<T>(
  what: () => string,
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
    const line = lineOf(escaped(what()), ` (${seconds} s)`, terminal.columns("stderr") ?? 80);
    void terminal.writeError(`\r${line}\x1b[K`);
  }, PATIENCE);
  try {
    return await action();
  } finally {
    clearInterval(timer);
    if (hasTold) await terminal.writeError("\r\x1b[K");
  }
}

/** In one line: what wraps cannot be written over. */
function lineOf(what: string, time: string, columns: number): string {
  const room = columns - 1 - time.length;
  if (widthOf(what) <= room) return what + time;
  return room > 1 ? fitted(what, room) + time : time.trim();
}
