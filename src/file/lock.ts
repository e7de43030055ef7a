import type { FileSystem, Runtime } from "../runtime/runtime.ts";
import { insist, isRefusal } from "./insist.ts";
import { codeOf, FILE_MODE, removeQuietly } from "./private_file.ts";
import { sleep } from "../core/sleep.ts";
import { announcement, look, Watch } from "./watch.ts";

/** How long the same content must be seen before its owner counts as dead, in milliseconds. */
const BREAK_ABANDONED = 1500;

/** How long what is refused in a way that may pass is tried again, in milliseconds. */
const REFUSED_FOR = 1200;

/** A lock that is created is written to at once; who does not, was killed in between. */
const WRITTEN_WITHIN = 50;

/** A look at our own lock counts for so long, in milliseconds: to take it takes others over a second. */
const FRESH = 5;

/** How to wait for a lock. */
export interface LockWait {
  /** Unchanged for this long, the lock counts as abandoned, in milliseconds. */
  abandonedAfter: number;
  /** The longest pause between two tries, in milliseconds. */
  maxPause: number;
  /** How long we may hold it without a sign of life, where that is more, in milliseconds. */
  needed?: number | undefined;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
  /** Called at every turn while the lock is busy; `true` ends the wait without the lock. */
  isDone?(): boolean | Promise<boolean>;
  /** Called at every turn with what the lock of another holder says. */
  onBusy?: ((content: string) => void) | undefined;
}

/** The lock went to a process that took us for dead: nothing was changed, and the change starts over. */
export class LockLost extends Error {}

/**
 * A lock between processes: a file that its owner creates exclusively and that holds the owner's
 * nonce. No clock is compared with another, no process identifier is asked for.
 *
 * It can be lost at any moment, and what is done under it may be done too late: {@linkcode fence} and
 * {@linkcode replaceFile} see to it that nothing comes of that.
 */
export class Lock {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #breakPath: string;
  #nonce: string = "";
  #content: string = "";
  #since = 0;
  #seen = -Infinity;
  #needed = 0;
  readonly #describe: () => string;
  #description = "";

  /** `describe` says, for people, who holds it. */
  constructor({ fs }: Pick<Runtime, "fs">, path: string, describe: () => string = () => "") {
    this.#fs = fs;
    this.path = path;
    this.#describe = describe;
    this.#breakPath = `${path}.break`;
  }

  /** Who holds it, if we do: a new name at every try. */
  get nonce(): string {
    return this.#nonce;
  }

  /** How long ago we took it, in milliseconds. */
  get heldFor(): number {
    return performance.now() - this.#since;
  }

  /** Waits until the lock is ours; `false` when `isDone` ended the wait. */
  async acquire(wait: LockWait): Promise<boolean> {
    const owner = new Watch(wait.abandonedAfter);
    const breaker = new Watch(BREAK_ABANDONED);
    let isAbandoned = false;
    let refused = Infinity;
    for (let turn = 0;; turn++) {
      wait.signal?.throwIfAborted();
      try {
        // To look whether it is gone costs many waiters less than to be refused.
        if (owner.content === undefined && this.tryAcquire(wait.needed)) return true;
        if (isAbandoned) this.#recover(owner);
        refused = Infinity;
      } catch (error) {
        const now = performance.now();
        refused = Math.min(refused, now);
        if (!isRefusal(error) || now - refused > REFUSED_FOR) {
          await this.#removeEmpty();
          throw error;
        }
      }
      if (await wait.isDone?.()) return false;
      await sleep(Math.min(2 ** turn, wait.maxPause) * (0.5 + Math.random()), wait.signal);
      isAbandoned = owner.hasSeen(look(this.#fs, this.path));
      if (owner.content !== undefined) wait.onBusy?.(owner.content);
      if (!owner.isStill) continue; // nobody recovers a lock that changes
      if (breaker.hasSeen(look(this.#fs, this.#breakPath))) this.#removeBreak();
    }
  }

  /** Takes the lock if it is free; `needed` is announced to those who wait. */
  tryAcquire(needed: number = 0): boolean {
    this.#nonce = crypto.randomUUID();
    this.#description = this.#describe();
    this.#content = announcement(this.#nonce, needed) + this.#description;
    this.#needed = needed;
    try {
      this.#fs.createFile(this.path, this.#content, FILE_MODE, false);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
    this.#since = performance.now();
    return true;
  }

  /**
   * Tells whether the lock is still ours: another process may have taken us for dead.
   *
   * @throws What the file system does, unless the lock is gone.
   */
  isHeld(): boolean {
    const now = performance.now();
    this.#seen = -Infinity;
    try {
      if (this.#fs.readTextFile(this.path) === this.#content) this.#seen = now;
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
    return this.#seen === now;
  }

  /** Throws {@linkcode LockLost} unless the lock is still ours. */
  check(): void {
    if (!this.isHeld()) throw new LockLost();
  }

  /**
   * Makes an operation that may be refused for a moment, as long as the lock is ours and those who
   * wait for it do not take us for dead.
   */
  insist<T>(operation: () => T): T | Promise<T> {
    let isFirst = true;
    return insist(() => {
      if (!isFirst) this.check();
      isFirst = false;
      return operation();
    }, () => this.heldFor > Math.max(REFUSED_FOR, this.#needed / 2));
  }

  /** Shows that the owner lives: the content changes, the owner does not. */
  beat(count: number): void {
    const content = `${this.#nonce} ${String(count).padStart(10, "0")}${this.#description}`;
    if (this.#fs.overwriteFile(this.path, this.#content, content)) this.#content = content;
  }

  /** Gives the lock back, if it is still ours. Never throws: others will find it abandoned. */
  async release(isDone: boolean = false): Promise<void> {
    const started = performance.now();
    // Where all is done, a look of just now will do.
    const isFresh = () => isDone && performance.now() - this.#seen < FRESH;
    try {
      await insist(() => {
        if (isFresh() || this.isHeld()) this.#fs.remove(this.path);
      }, () => performance.now() - started > REFUSED_FOR);
    } catch {
      // gone meanwhile, or not to be had
    }
  }

  /** Removes what a killed recoverer left; for the holder, who knows that nobody recovers now. */
  cleanUp(): void {
    if (this.#fs.stat(this.#breakPath)) removeQuietly(this.#fs, this.#breakPath);
  }

  /** Removes an abandoned lock, one process at a time; whoever then comes first takes it. */
  #recover(owner: Watch): void {
    const nonce = crypto.randomUUID();
    try {
      this.#fs.createFile(this.#breakPath, nonce, FILE_MODE, false);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return; // somebody else is about it
      throw error;
    }
    const isOurs = look(this.#fs, this.#breakPath) === nonce;
    try {
      if (isOurs && look(this.#fs, this.path) === owner.content) this.#fs.remove(this.path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    } finally {
      if (isOurs) removeQuietly(this.#fs, this.#breakPath);
    }
    owner.forget();
  }

  /** Removes what a dead recoverer has left; what else may stand there is told of. */
  #removeBreak(): void {
    try {
      this.#fs.remove(this.#breakPath);
    } catch (error) {
      if (codeOf(error) !== "ENOENT" && !isRefusal(error)) throw error;
    }
  }

  /** Removes a lock that we could create but not write, as on a full disk, and nobody else's. */
  async #removeEmpty(): Promise<void> {
    const isEmpty = () => this.#fs.readTextFile(this.path) === "";
    try {
      if (!isEmpty()) return;
      const seen = look(this.#fs, this.path);
      await sleep(WRITTEN_WITHIN);
      if (isEmpty() && look(this.#fs, this.path) === seen) this.#fs.remove(this.path);
    } catch {
      // gone meanwhile, or never there; the failure that led here matters more
    }
  }
}
