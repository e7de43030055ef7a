import { unlessAborted } from "../core/unless_aborted.ts";

/** The last that was begun, by what it is about. */
const last = new Map<string, Promise<unknown>>();

/** Does what is about one thing in turn: each begins when the one before has ended, however it did. */
export async function inTurn<T>(
  about: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const before = last.get(about) ?? Promise.resolve();
  const turn = unlessAborted(before, signal).then(work);
  // Who gives up does not let the next one go before its turn.
  const ended = Promise.all([before, turn.catch(() => {})]);
  last.set(about, ended);
  try {
    return await turn;
  } finally {
    if (last.get(about) === ended) last.delete(about);
  }
}
