import type { Runtime } from "../runtime/runtime.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { explainFailures } from "./explain_failures.ts";
import { Lock, LockTimeout, type LockWait } from "./lock.ts";
import { metadataPath, realFile } from "./cached_reader.ts";
import { codeOf } from "./replace_file.ts";
import { checkTenant } from "./tenant.ts";
import type { ParsedRegistry } from "./registry_text.ts";
import { type Draft, type Place, Transaction } from "./transaction.ts";

/** A living holder needs about a millisecond, in milliseconds. */
const ABANDONED_AFTER = 1500;
const MAX_PAUSE = 20;

/** How a change is made. */
export interface UpdateOptions {
  /** What is being attempted, for messages: `Cannot store client for issuer "…"`. */
  readonly attempt: string;
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal | undefined;
}

/** The lock went to a process that took us for dead: the change starts over. */
class LockLost extends Error {}

/** What changes are made on. */
export interface UpdaterOptions {
  readonly runtime: Runtime;
  /** `registered.json`, or a link to it. */
  readonly path: string;
  /** The tenant whose directory it lies in. */
  readonly tenant: string | undefined;
  /** How long to wait for the lock, in milliseconds. */
  readonly lockTimeout: number;
  readonly warn: (message: string) => void;
}

/** Makes changes of `registered.json` and its metadata: the only way that anything is written. */
export class Updater {
  readonly #options: UpdaterOptions;
  #last: ParsedRegistry = { text: undefined, members: [] };
  #place: Place | undefined;
  /** Whether the directory is made and free of what dead processes have left. */
  #isSettled = false;

  constructor(options: UpdaterOptions) {
    this.#options = options;
  }

  /** Tells whether there is a file to change. */
  isThere(attempt: string): boolean {
    return this.#explained(attempt).fs.stat(this.#options.path) !== undefined;
  }

  /**
   * Takes the lock, reads, lets `change` edit a draft, and writes what it changed.
   *
   * @returns What `change` returned; everything is on disk then.
   */
  async update<T>(change: (draft: Draft) => T, { attempt, signal }: UpdateOptions): Promise<T> {
    const runtime = this.#explained(attempt);
    const place = this.#findPlace(runtime);
    const lock = new Lock(runtime, `${place.file}.lock`);
    const timeout = this.#options.lockTimeout;
    const wait = { abandonedAfter: ABANDONED_AFTER, maxPause: MAX_PAUSE, signal, timeout };
    while (true) {
      if (!this.#isSettled) this.#makeDirectory(runtime, place);
      try {
        await acquire(runtime, lock, wait, attempt);
      } catch (error) {
        if (!this.#isSettled || codeOf(error) !== "ENOENT") throw error;
        this.#isSettled = false; // somebody has removed the directory since
        continue;
      }
      let transaction: Transaction;
      let result: T;
      try {
        if (lock.hasWaited || !this.#isSettled) tidy(runtime, lock, place);
        this.#isSettled = true;
        transaction = new Transaction(runtime.fs, place, this.#last);
        result = change(transaction);
        this.#last = transaction.commit(() => {
          if (!lock.isHeld()) throw new LockLost();
        });
      } catch (error) {
        // Whoever took the lock may have taken our temporary file, too.
        if (error instanceof LockLost || !lock.isHeld()) continue;
        throw error;
      } finally {
        lock.release();
      }
      transaction.flush(); // the next process need not wait for it
      for (const warning of transaction.warnings) this.#options.warn(warning);
      return result;
    }
  }

  /** A lock beside the file, for `purpose`. */
  lock(purpose: string, attempt: string): Lock {
    const runtime = this.#explained(attempt);
    const place = this.#findPlace(runtime);
    this.#makeDirectory(runtime, place);
    return new Lock(runtime, `${place.file}.${purpose}.lock`);
  }

  /** Lets the process end while the timer is pending. */
  unrefTimer(timer: unknown): void {
    const { runtime } = this.#options;
    if (runtime.unrefTimer) runtime.unrefTimer(timer);
    else (timer as { unref?(): void }).unref?.();
  }

  #explained(attempt: string): Runtime {
    const { name, env, join, fs } = this.#options.runtime;
    return { name, env, join, fs: explainFailures(fs, attempt) };
  }

  /** Where the link leads now, if it is one. */
  #findPlace(runtime: Runtime): Place {
    const file = realFile(runtime, this.#options.path);
    if (file === this.#place?.file) return this.#place;
    this.#isSettled = false;
    return this.#place = { file, directory: runtime.join(file, "..") };
  }

  /** Makes the directory that the file lies in. */
  #makeDirectory(runtime: Runtime, { directory }: Place): void {
    const { path, tenant } = this.#options;
    if (tenant !== undefined) checkTenant(runtime, path, tenant);
    makeDirectory(runtime, directory);
    if (tenant !== undefined) checkTenant(runtime, path, tenant);
  }
}

/** Removes what dead processes have left; for the holder of the lock. */
function tidy({ fs }: Runtime, lock: Lock, { file }: Place): void {
  lock.cleanUp();
  const temporary = `${metadataPath(file)}.tmp`;
  if (fs.stat(temporary)) fs.remove(temporary);
}

async function acquire(
  { fs }: Runtime,
  lock: Lock,
  wait: LockWait,
  attempt: string,
): Promise<void> {
  try {
    await lock.acquire(wait);
  } catch (error) {
    if (!(error instanceof LockTimeout)) throw error;
    const created = fs.stat(lock.path)?.mtime;
    const age = created === undefined ? "unknown" : `about ${Math.round(Date.now() - created)} ms`;
    throw new ClientStoreError(
      `${attempt}: cannot lock "${lock.path}" within ${wait.timeout} ms (age of the lock: ${age}): ` +
        "other processes keep it busy; try again, or raise lockTimeout",
      { code: "ETIMEDOUT", path: lock.path },
    );
  }
}

function makeDirectory(runtime: Runtime, path: string): void {
  const { fs, join } = runtime;
  if (fs.stat(path)) return;
  const parent = join(path, "..");
  try {
    fs.makeDirectory(path, 0o700);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && fs.stat(path)) return; // another process was faster
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeDirectory(runtime, parent);
    return makeDirectory(runtime, path);
  }
  try {
    fs.flushDirectory(parent);
  } catch {
    // the parent may be one that we may not read: then its own schedule must do
  }
}
