import { sleep } from "./sleep.ts";

/** How long what a server has answered is tried to be kept, in milliseconds. */
const KEEP_TRYING = 30_000;

/** The pause between two tries, in milliseconds. */
const PAUSE = 50;

/**
 * Makes a change again that fails in a way that may pass: what a server has answered is not given up on
 * as soon as what can simply be asked for again.
 */
export async function keepTrying<T>(
  change: () => Promise<T>,
  isPassing: (error: unknown) => boolean,
): Promise<T> {
  for (const started = performance.now();;) {
    try {
      return await change();
    } catch (error) {
      if (!isPassing(error) || performance.now() - started > KEEP_TRYING) throw error;
    }
    await sleep(PAUSE);
  }
}
