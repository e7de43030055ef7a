import type { Backend, Changed, HowToChange, HowToWait } from "../core/backend.ts";
import type { AsyncLocal } from "../core/nesting.ts";
import { NO_REGISTRATIONS, type Registrations } from "../core/registrations.ts";
import type { ChangeOptions } from "../core/client_store.ts";
import type { StorePlace } from "./access_faults.ts";
import type { ExamineOptions } from "./client_store_options.ts";
import { checkMembers } from "../core/client_store_error.ts";
import type { Finding } from "./finding.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CachedReader } from "./cached_reader.ts";
import { startBeating } from "./heartbeat.ts";
import type { LockWait } from "./lock.ts";
import { onceForEach } from "./lock_holder.ts";
import type { Draft } from "./transaction.ts";
import { isRefusal } from "./insist.ts";
import { attributed } from "./explain_failures.ts";
import { codeOf } from "./private_file.ts";
import { keepTrying } from "../core/keep_trying.ts";
import { Updater } from "./updater.ts";

/** Unchanged for this long, in milliseconds, a registration is taken over. */
const ABANDONED_AFTER = 4000;
const MAX_PAUSE = 50;

/** What a file is changed with. */
export interface FileBackendOptions {
  readonly runtime: Runtime;
  /** `registered.json`, or a link to it; throws where the environment names no home. */
  readonly path: (attempt: string) => string;
  /** Whether the user has named the file: then its directory is the user's, too. */
  readonly isPathGiven: boolean;
  /** The tenant whose directory it lies in. */
  readonly tenant: string | undefined;
  /** How long to wait for the lock, in milliseconds. */
  readonly lockTimeout: number;
  readonly warn: (message: string) => void;
  openReader(): Promise<CachedReader>;
}

/** Registrations in `registered.json` and `registered.metadata.json`. */
export class FileBackend implements Backend {
  readonly #options: FileBackendOptions;
  #updater: Updater | undefined;

  constructor(options: FileBackendOptions) {
    this.#options = options;
  }

  get place(): string {
    return this.#options.path("Cannot register client");
  }

  createAsyncLocal(): AsyncLocal | undefined {
    return this.#options.runtime.createAsyncLocal?.();
  }

  async read(issuer: string): Promise<Registrations> {
    const reader = await this.#options.openReader();
    try {
      return reader.read(issuer);
    } catch {
      return NO_REGISTRATIONS; // what cannot be read, the change will tell of
    }
  }

  async readAll(attempt: string): Promise<readonly Registrations[]> {
    if (!this.#updaterFor(attempt).isThere(attempt)) return [];
    return await this.#update((draft) => draft.all(), { attempt });
  }

  async change<T>(
    issuer: string,
    change: (value: Registrations) => Changed<T>,
    how: HowToChange & { readonly isOfKnown?: true },
  ): Promise<T> {
    const { attempt, isOfKnown, isAnswer } = how;
    if (isOfKnown && !this.#updaterFor(attempt).isThere(attempt)) return undefined as T;
    const update = () =>
      this.#update((draft) => {
        const { value, result } = change(draft.get(issuer));
        draft.set(issuer, value);
        return result;
      }, how);
    return await (isAnswer ? keepTrying(update, isPassing) : update());
  }

  async exclusively<T>(
    issuer: string,
    { attempt, signal, isDone, onWait }: HowToWait,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    const lock = await this.#updaterFor(attempt).lock(await hash(issuer), attempt);
    const onBusy = onWait && onceForEach(onWait);
    const wait = { abandonedAfter: ABANDONED_AFTER, maxPause: MAX_PAUSE, signal, isDone, onBusy };
    if (!await lock.acquire(wait)) return undefined;
    const stopBeating = startBeating(lock, this.#options.runtime, signal);
    try {
      lock.cleanUp();
      return await work();
    } finally {
      stopBeating();
      await lock.release();
    }
  }

  /** Does all that the change will. A damaged file is mended: it may hold the client. */
  async rehearse(issuer: string, how: HowToChange): Promise<Registrations> {
    return await this.#update((draft) => {
      draft.rehearse();
      return draft.get(issuer);
    }, how);
  }

  /** Finds what is wrong with the files, and changes nothing. */
  async examine({ hasTime = true }: ExamineOptions = {}): Promise<Finding[]> {
    const { runtime } = this.#options;
    const { examine } = await import("./examine.ts");
    return await examine(runtime, this.#placeFor("Cannot examine client store"), hasTime);
  }

  /** Closes the files to others, writes them anew, and takes over what dead processes have left. */
  async mend(options: ChangeOptions = {}): Promise<void> {
    checkMembers(options, { signal: true }, "Cannot mend client store");
    const { signal } = options;
    const attempt = "Cannot mend client store";
    const { mendAccess } = await import("./mend_access.ts");
    const [failure] = mendAccess(this.#options.runtime, this.#placeFor(attempt), attempt);
    await this.#update((draft) => draft.rehearse(), { attempt, signal });
    // Each dead one takes seconds to be seen as such.
    await Promise.all(
      attributed(attempt, () => this.#updaterFor(attempt).leftLocks()).map(async (purpose) => {
        const lock = await this.#updaterFor(attempt).lock(purpose, attempt);
        if (!await lock.acquire(whileStill(signal))) return; // its holder lives
        lock.cleanUp();
        await lock.release();
      }),
    );
    if (failure) throw failure;
  }

  #update<T>(change: (draft: Draft) => T, { attempt, signal }: HowToChange): Promise<T> {
    const { lockTimeout: timeout, warn } = this.#options;
    return this.#updaterFor(attempt).update(change, { attempt, signal, timeout, warn });
  }

  #placeFor(attempt: string): StorePlace {
    const { path, tenant, isPathGiven } = this.#options;
    // The directories of the tenant, of all tenants and of the application.
    const ownDirectories = isPathGiven ? 0 : tenant === undefined ? 1 : 3;
    return { path: path(attempt), ownDirectories };
  }

  #updaterFor(attempt: string): Updater {
    const { runtime, tenant, path } = this.#options;
    return this.#updater ??= Updater.of(runtime, path(attempt), tenant);
  }
}

/** A wait for a lock that ends as soon as its holder shows that it lives. */
function whileStill(signal: AbortSignal | undefined): LockWait {
  let first: string | undefined;
  let isAlive = false;
  return {
    abandonedAfter: ABANDONED_AFTER,
    maxPause: MAX_PAUSE,
    signal,
    isDone: () => isAlive,
    onBusy(content) {
      first ??= content;
      isAlive = content !== first;
    },
  };
}

/** Tells whether a change that was refused may pass later. */
function isPassing(error: unknown): boolean {
  return isRefusal(error) || codeOf(error) === "ETIMEDOUT";
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = [...new Uint8Array(digest).subarray(0, 8)];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
