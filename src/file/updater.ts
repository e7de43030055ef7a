import { ClientStoreError } from "../core/client_store_error.ts";
import type { FileInfo, FileSystem, Runtime } from "../runtime/runtime.ts";
import { applied, ChangeQueue, type Waiting } from "./change_queue.ts";
import { checkLink } from "./check_link.ts";
import { attributed, explainFailures, withAttempt } from "./explain_failures.ts";
import { exposure, untold } from "./exposure.ts";
import { fence, type Guarded } from "./fence.ts";
import { ChangedMeanwhile, FilePair } from "./file_pair.ts";
import { insistAwhile, isRefusal } from "./insist.ts";
import { Lock, LockLost } from "./lock.ts";
import { holderText } from "./lock_holder.ts";
import { makeDirectory } from "./make_directory.ts";
import { directoryOf, nameOf, realFile } from "./paths.ts";
import { codeOf } from "./private_file.ts";
import type { ParsedRegistry } from "./registry_text.ts";
import { checkTenant } from "./tenant.ts";
import { type Draft, Transaction } from "./transaction.ts";

/** A living holder needs about a millisecond, in milliseconds. */
const ABANDONED_AFTER = 1500;
const MAX_PAUSE = 20;

/** Who needs longer than this for a change announces it at the next one, in milliseconds. */
const SLOW = 500;
/** The most that one slow change, which may have been a stopped process, makes others wait. */
const MAX_LEARNT = 5000;
const MAX_NEEDED = 30_000;

/** How a change is made. */
export interface UpdateOptions {
  /** What is being attempted, for messages: `Cannot store client for issuer "…"`. */
  readonly attempt: string;
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for other processes, in milliseconds. */
  readonly timeout: number;
  /** Hears of what was mended. */
  warn(message: string): void;
}

/** The updaters of this process, by file system and path. */
const updaters = new WeakMap<FileSystem, Map<string, WeakRef<Updater>>>();
/** A process that serves many tenants forgets those that it is done with. */
const ended = new FinalizationRegistry<() => void>((forget) => forget());

/** Makes changes of `registered.json` and its metadata: the only way that anything is written. */
export class Updater {
  readonly #fs: FileSystem;
  readonly #runtime: Runtime;
  readonly #path: string;
  readonly #tenant: string | undefined;
  readonly #queue: ChangeQueue = new ChangeQueue(() => this.#makeAll());
  #last: ParsedRegistry = { text: undefined, members: [] };
  #place: Guarded | undefined;
  /** Whether the directory is made. */
  #isSettled = false;
  /** Whether the user has heard of who else may read or write there. */
  #isInspected = false;
  /** What the user has to hear of with the next change. */
  #warnings: string[] = [];
  /** How long we announce to need for a change, where that is much. */
  #needed = 0;

  /** The one that changes `path`, which may be a link: its callers wait for each other in order. */
  static of(runtime: Runtime, path: string, tenant: string | undefined): Updater {
    const known = updaters.get(runtime.fs) ?? new Map<string, WeakRef<Updater>>();
    updaters.set(runtime.fs, known);
    const key = JSON.stringify([path, tenant]);
    const standing = known.get(key)?.deref();
    if (standing) return standing;
    const updater = new Updater(runtime, path, tenant);
    known.set(key, new WeakRef(updater));
    ended.register(updater, () => known.get(key)?.deref() ?? known.delete(key));
    return updater;
  }

  private constructor(runtime: Runtime, path: string, tenant: string | undefined) {
    const { name, pid, env, join, fs } = runtime;
    this.#fs = fs;
    // What fails says so without the attempt: each of those who wait makes another one.
    this.#runtime = { name, pid, env, join, fs: explainFailures(fs, "") };
    this.#path = path;
    this.#tenant = tenant;
  }

  /** Tells whether there is a file to change. */
  isThere(attempt: string): boolean {
    try {
      return attributed(attempt, () => this.#runtime.fs.stat(this.#path) !== undefined);
    } catch (error) {
      if (isRefusal(error)) return true; // in a way that may pass: the change tries again
      throw error;
    }
  }

  /**
   * Takes the lock, reads, lets `change` edit a draft, and writes what it and others have changed.
   *
   * @returns What `change` returned; everything is on disk then.
   */
  update<T>(change: (draft: Draft) => T, options: UpdateOptions): Promise<T> {
    const { attempt, signal, timeout, warn } = options;
    return this.#queue.add({ change, attempt, signal, timeout, warn });
  }

  /** The purposes of the locks that lie beside the file. */
  leftLocks(): string[] {
    const { file, directory } = this.#findPlace();
    const stem = `${nameOf(this.#runtime, file)}.`;
    const found = this.#runtime.fs.readDirectory(directory)
      .filter((name) => name.startsWith(stem) && /\.lock(\.break)?$/.test(name))
      .map((name) => name.slice(stem.length).replace(/\.?lock(\.break)?$/, ""));
    return [...new Set(found)].filter((purpose) => purpose !== "");
  }

  /** A lock beside the file, for `purpose`. */
  async lock(purpose: string, attempt: string): Promise<Lock> {
    const place = await insistAwhile(() => attributed(attempt, () => this.#findPlace()));
    attributed(attempt, () => this.#makeDirectory(place));
    const fs = explainFailures(this.#fs, attempt);
    const describe = () => holderText(this.#runtime.pid, Date.now());
    return new Lock({ fs }, `${place.file}.${purpose}.lock`, describe);
  }

  /** Makes the changes that wait, in one reading and one writing. */
  async #makeAll(): Promise<void> {
    let taken: Waiting[] = [];
    try {
      while (true) {
        const place = await insistAwhile(() => this.#findPlace());
        const lock = await this.#acquire(place, () => taken.length > 0);
        if (!lock) return;
        taken = [...taken, ...this.#queue.take()];
        if (await this.#make(taken, place, lock)) return;
      }
    } catch (error) {
      const failed = taken.length > 0 ? taken : this.#queue.take();
      for (const { attempt, reject } of failed) reject(withAttempt(attempt, error));
    }
  }

  /** Waits for the lock; `undefined` once nobody waits for it any more. */
  async #acquire(place: Guarded, isNeeded: () => boolean): Promise<Lock | undefined> {
    const lock = new Lock(this.#runtime, `${place.file}.lock`);
    const isDone = () => !isNeeded() && !this.#queue.isWaitedFor((late) => this.#late(lock, late));
    while (true) {
      if (!this.#isSettled) this.#makeDirectory(place);
      try {
        const needed = this.#needed;
        const wait = { abandonedAfter: ABANDONED_AFTER, maxPause: MAX_PAUSE, needed, isDone };
        return await lock.acquire(wait) ? lock : undefined;
      } catch (error) {
        if (!this.#isSettled || codeOf(error) !== "ENOENT") throw error;
        this.#isSettled = false; // somebody has removed the directory since
      }
    }
  }

  /** Makes these changes; `false` when the lock went to another process, and nothing was changed. */
  async #make(taken: readonly Waiting[], place: Guarded, lock: Lock): Promise<boolean> {
    const { fs } = this.#runtime;
    this.#isSettled = true;
    let before: FileInfo | undefined;
    let files: FilePair;
    let end: () => void;
    let isDone = false;
    try {
      if (place.file !== this.#path) checkLink(this.#runtime, this.#path, place, lock.path);
      files = await lock.insist(() => {
        // The first time it is tried to be read in any case: it may not be ours to read.
        const mayHaveMetadata = fence(this.#runtime, place, lock.nonce) || !this.#isInspected;
        before = this.#isInspected ? undefined : fs.stat(place.file);
        return new FilePair(fs, place, mayHaveMetadata, this.#last);
      });
      const transaction = new Transaction(files);
      end = applied(taken, transaction);
      this.#last = await transaction.commit(lock);
      this.#needed = lock.heldFor > SLOW ? Math.min(2 * lock.heldFor, MAX_LEARNT) : 0;
      isDone = true;
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return false;
      if (!(error instanceof LockLost) && !isLost(lock)) throw error;
      // Slow or stopped, we looked dead: the next time we say before how long it may take.
      const needed = Math.max(2 * this.#needed, Math.min(1.5 * lock.heldFor, MAX_LEARNT));
      this.#needed = Math.min(needed, MAX_NEEDED);
      return false;
    } finally {
      await lock.release(isDone);
    }
    files.flush(); // the next process need not wait for it
    const warnings = [...this.#warnings, ...files.warnings, ...this.#inspect(files, place, before)];
    this.#warnings = [];
    for (const warning of warnings) taken[0]?.warn(warning);
    end();
    return true;
  }

  /** What the user has to hear of, once, of who else may read or write there. */
  #inspect({ hasChanged }: FilePair, place: Guarded, before: FileInfo | undefined): string[] {
    if (this.#isInspected || !hasChanged) return [];
    this.#isInspected = true;
    return untold(this.#fs, exposure(this.#runtime.fs, place, before));
  }

  #late({ path }: Lock, { attempt, timeout }: Waiting): ClientStoreError {
    const created = mtimeOf(this.#runtime.fs, path);
    const age = created === undefined ? "unknown" : `about ${Math.round(Date.now() - created)} ms`;
    return new ClientStoreError(
      `${attempt}: cannot lock "${path}" within ${timeout} ms (age of the lock: ${age}): ` +
        "other processes keep it busy; try again, or raise lockTimeout",
      { code: "ETIMEDOUT", path },
    );
  }

  /** Where the link leads now, if it is one: asked before there is a lock, which lies beside that. */
  #findPlace(): Guarded {
    const file = realFile(this.#runtime, this.#path);
    if (file === this.#place?.file) return this.#place;
    this.#isSettled = false;
    return this.#place = { file, directory: directoryOf(this.#runtime, file) };
  }

  /** Makes the directory that the file lies in. */
  #makeDirectory({ file }: Guarded): void {
    const directory = this.#runtime.join(file, "..");
    if (this.#tenant !== undefined) checkTenant(this.#runtime, this.#path, this.#tenant);
    makeDirectory(this.#runtime, directory, (message) => this.#warnings.push(message));
    if (this.#tenant !== undefined) checkTenant(this.#runtime, this.#path, this.#tenant);
  }
}

/** When a file was written, where that can be told. */
function mtimeOf(fs: FileSystem, path: string): number | undefined {
  try {
    return fs.stat(path)?.mtime;
  } catch {
    return undefined;
  }
}

/** Tells whether the lock is not ours any more; where that cannot be told, what has failed counts. */
function isLost(lock: Lock): boolean {
  try {
    return !lock.isHeld();
  } catch {
    return false;
  }
}
