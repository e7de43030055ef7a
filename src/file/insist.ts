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
 * Tries an operation again, with growing pauses, while it is refused in a way that may pass.
 *
 * @param isOver Asked before each pause: `true` gives up, and the refusal is thrown.
 */
export async function insist<T>(operation: () => T, isOver: () => boolean): Promise<T> {
  for (let turn = 0;; turn++) {
    try {
      return operation();
    } catch (error) {
      if (!isRefusal(error) || turn >= MIN_TRIES && isOver()) throw error;
    }
    await sleep(Math.min(2 ** turn, MAX_PAUSE) * (0.5 + Math.random()));
  }
}

/** Tries an operation that needs no lock as {@linkcode insist} does, for a second. */
export async function insistAwhile<T>(operation: () => T): Promise<T> {
  const started = performance.now();
  return await insist(operation, () => performance.now() - started > AWHILE);
}
