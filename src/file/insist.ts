import { codeOf } from "./private_file.ts";
import { sleep } from "../core/sleep.ts";

/** So Windows and network mounts answer while somebody else has a file open, or it is still being deleted. */
const REFUSALS: readonly string[] = ["EPERM", "EACCES", "EBUSY"];

/** The longest pause between two tries, in milliseconds. */
const MAX_PAUSE = 100;

/** How often it is tried at least: where the machine is busy, time alone says little. */
const MIN_TRIES = 14;

/** How long what needs no lock is tried again, in milliseconds. */
const AWHILE = 1200;

/** Tells whether an operation was refused in a way that may pass. */
export function isRefusal(error: unknown): boolean {
  // What a sandbox forbids stays forbidden.
  const isForbidden = /--allow-[a-z]/.test(String(Object(error).message));
  return REFUSALS.includes(codeOf(error)) && !isForbidden;
}

/**
 * Tries an operation again, with growing pauses, while it is refused in a way that may pass. What
 * succeeds at once, which is nearly all, waits for no promise.
 *
 * @param isOver Asked before each pause: `true` gives up, and the refusal is thrown.
 */
export function insist<T>(operation: () => T, isOver: () => boolean): T | Promise<T> {
  try {
    return operation();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return tryAgain(operation, isOver);
  }
}

async function tryAgain<T>(operation: () => T, isOver: () => boolean): Promise<T> {
  for (let tries = 1;; tries++) {
    await sleep(Math.min(2 ** (tries - 1), MAX_PAUSE) * (0.5 + Math.random()));
    try {
      return operation();
    } catch (error) {
      if (!isRefusal(error) || tries >= MIN_TRIES && isOver()) throw error;
    }
  }
}

/** Tries an operation that needs no lock as {@linkcode insist} does, for a second. */
export function insistAwhile<T>(operation: () => T): T | Promise<T> {
  const started = performance.now();
  return insist(operation, () => performance.now() - started > AWHILE);
}
