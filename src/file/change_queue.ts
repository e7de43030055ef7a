import { onAbort } from "../core/on_abort.ts";
import type { Draft } from "./transaction.ts";

/** A change that waits to be made. */
export interface Waiting {
  /** Edits the draft; called again where a change starts over. */
  apply(draft: Draft): void;
  /** The change is on disk. */
  resolve(): void;
  reject(error: unknown): void;
  /** What is being attempted, for messages. */
  readonly attempt: string;
  /** How long to wait for other processes, in milliseconds. */
  readonly timeout: number;
  /** When it began to wait, by the monotonic clock. */
  readonly since: number;
  /** Hears of what was mended. */
  warn(message: string): void;
}

/** What a caller wants changed. */
export interface Wanted<T> extends Pick<Waiting, "attempt" | "timeout" | "warn"> {
  change(draft: Draft): T;
  readonly signal: AbortSignal | undefined;
}

/**
 * The changes of one file in one process: they are made in order, without a clock, and all that wait
 * are made together.
 */
export class ChangeQueue {
  readonly #makeAll: () => Promise<void>;
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** `makeAll` makes the changes that it takes; it rejects those that cannot be made. */
  constructor(makeAll: () => Promise<void>) {
    this.#makeAll = makeAll;
  }

  /** Resolves to what `change` returned, once it is on disk. */
  add<T>({ change, attempt, timeout, signal, warn }: Wanted<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    let leave = () => {};
    const promise = new Promise<T>((resolve, reject) => {
      let result: T;
      const waiting: Waiting = {
        attempt,
        timeout,
        warn,
        since: performance.now(),
        apply(draft) {
          result = change(draft);
        },
        resolve: () => resolve(result),
        reject,
      };
      this.#waiting.push(waiting);
      leave = onAbort(signal, () => {
        if (this.#leave(waiting)) reject(signal?.reason);
      });
    });
    if (!this.#isRunning) void this.#run();
    return signal ? promise.finally(leave) : promise;
  }

  /** Whether anybody waits; those whose time is up are told so by `error`. */
  isWaitedFor(error: (waiting: Waiting) => unknown): boolean {
    const now = performance.now();
    const late = this.#waiting.filter(({ since, timeout }) => now - since >= timeout);
    for (const waiting of late) {
      this.#leave(waiting);
      waiting.reject(error(waiting));
    }
    return this.#waiting.length > 0;
  }

  /** Takes all that wait, to make them now: from here on no signal stops them. */
  take(): Waiting[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#waiting.length > 0) await this.#makeAll();
    } finally {
      this.#isRunning = false;
    }
  }

  #leave(waiting: Waiting): boolean {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }
}

/** Lets each edit the draft; what one of them throws is its own affair. Call it once all is on disk. */
export function applied(taken: readonly Waiting[], draft: Draft): () => void {
  const ends = taken.map(({ apply, resolve, reject }) => {
    try {
      apply(draft);
      return resolve;
    } catch (error) {
      return () => reject(error);
    }
  });
  return () => ends.forEach((end) => end());
}
