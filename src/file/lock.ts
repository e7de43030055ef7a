import { onAbort } from "../core/on_abort.ts";
import type { FileSystem, Runtime } from "../runtime/runtime.ts";
import { codeOf, FILE_MODE, removeQuietly } from "./replace_file.ts";

/** How long the same content must be seen before its owner counts as dead, in milliseconds. */
const BREAK_ABANDONED = 1500;

/** What one turn of waiting may count at most: whoever slept longer has not been watching. */
const MAX_TURN = 250;

/** Windows answers so while a file of that name is still being deleted; it soon passes. */
const TRANSIENT = ["EPERM", "EACCES", "EBUSY"];
const TRANSIENT_TRIES = 5;

/** How to wait for a lock. */
export interface LockWait {
  /** Unchanged for this long, the lock counts as abandoned, in milliseconds. */
  abandonedAfter: number;
  /** The longest pause between two tries, in milliseconds. */
  maxPause: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
  /** How long to wait at most, in milliseconds. */
  timeout?: number | undefined;
  /** Called at every turn while the lock is busy; `true` ends the wait without the lock. */
  isDone?(): boolean | Promise<boolean>;
}

/** The lock was not to be had in time. */
export class LockTimeout extends Error {}

/**
 * A lock between processes: a file that its owner creates exclusively and that holds the owner's
 * nonce. No clock is compared with another, no process identifier is asked for.
 */
export class Lock {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #breakPath: string;
  readonly #nonce: string = crypto.randomUUID();
  #content: string = "";
  /** Whether the lock was busy: its owner, or who recovered it, may have died meanwhile. */
  hasWaited = false;

  constructor({ fs }: Runtime, path: string) {
    this.#fs = fs;
    this.path = path;
    this.#breakPath = `${path}.break`;
  }

  /** Waits until the lock is ours; `false` when `isDone` ended the wait. */
  async acquire(wait: LockWait): Promise<boolean> {
    const started = performance.now();
    const owner = new Watch(wait.abandonedAfter);
    const breaker = new Watch(BREAK_ABANDONED);
    let isAbandoned = false;
    let failures = 0;
    for (let turn = 0;; turn++) {
      wait.signal?.throwIfAborted();
      try {
        // To look whether it is gone costs many waiters less than to be refused.
        if (owner.content === undefined && this.tryAcquire()) return true;
        if (isAbandoned) this.#recover(owner);
        failures = 0;
      } catch (error) {
        if (!TRANSIENT.includes(codeOf(error)) || ++failures >= TRANSIENT_TRIES) throw error;
      }
      this.hasWaited = true;
      if (await wait.isDone?.()) return false;
      const left = (wait.timeout ?? Infinity) - (performance.now() - started);
      if (left <= 0) throw new LockTimeout();
      const pause = Math.min(2 ** turn, wait.maxPause) * (0.5 + Math.random());
      await sleep(Math.min(pause, left), wait.signal);
      isAbandoned = owner.hasSeen(this.#read(this.path));
      if (!owner.isStill) continue; // nobody recovers a lock that changes
      if (breaker.hasSeen(this.#read(this.#breakPath))) removeQuietly(this.#fs, this.#breakPath);
    }
  }

  /** Takes the lock if it is free. */
  tryAcquire(): boolean {
    this.#content = this.#nonce;
    try {
      this.#fs.createFile(this.path, this.#content, FILE_MODE, false);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      // Created but not written, the file is ours, and would stand in everybody's way.
      if (this.#read(this.path) === "") removeQuietly(this.#fs, this.path);
      throw error;
    }
  }

  /**
   * Tells whether the lock is still ours: another process may have taken us for dead.
   *
   * @throws What the file system does, unless the lock is gone.
   */
  isHeld(): boolean {
    try {
      return this.#fs.readTextFile(this.path) === this.#content;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  }

  /** Shows that the owner lives: the content changes, the owner does not. */
  beat(count: number): void {
    if (!this.isHeld()) return;
    const content = `${this.#nonce} ${String(count).padStart(10, "0")}`;
    this.#fs.overwriteFile(this.path, content);
    this.#content = content;
  }

  /** Gives the lock back, if it is still ours. */
  release(): void {
    if (this.#read(this.path) === this.#content) removeQuietly(this.#fs, this.path);
  }

  /** Removes what a killed recoverer left; for the holder, who knows that nobody recovers now. */
  cleanUp(): void {
    if (this.#fs.stat(this.#breakPath)) removeQuietly(this.#fs, this.#breakPath);
  }

  /** Removes an abandoned lock, one process at a time; whoever then comes first takes it. */
  #recover(owner: Watch): void {
    try {
      this.#fs.createFile(this.#breakPath, this.#nonce, FILE_MODE, false);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return; // somebody else is about it
      throw error;
    }
    const isOurs = this.#read(this.#breakPath) === this.#nonce;
    try {
      if (isOurs && this.#read(this.path) === owner.content) this.#fs.remove(this.path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    } finally {
      if (isOurs) removeQuietly(this.#fs, this.#breakPath);
    }
    owner.forget();
  }

  /** The content of a lock, which tells its owner; where it is not for us to read, what does as well. */
  #read(path: string): string | undefined {
    try {
      return this.#fs.readTextFile(path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
    }
    try {
      const info = this.#fs.stat(path); // of another user: every owner makes a file of its own
      return info && `${info.ino} ${info.mtime}`;
    } catch {
      return undefined; // being removed
    }
  }
}

/** Measures how long one content has been seen, by our own monotonic clock and while awake. */
class Watch {
  content: string | undefined;
  readonly #limit: number;
  #seenFor = 0;
  #last = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes what is there now; `true` once it has been the same for the whole time. */
  hasSeen(content: string | undefined): boolean {
    const now = performance.now();
    const isSame = content !== undefined && content === this.content;
    this.#seenFor = isSame ? this.#seenFor + Math.min(now - this.#last, MAX_TURN) : 0;
    this.#last = now;
    this.content = content;
    return this.#seenFor >= this.#limit;
  }

  /** Whether it was the same at the last two looks. */
  get isStill(): boolean {
    return this.#seenFor > 0;
  }

  forget(): void {
    this.content = undefined;
  }
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      leave();
      resolve();
    }, milliseconds);
    const leave = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason);
    });
  });
}
