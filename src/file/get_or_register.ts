import type { ClientInformation } from "../core/client_information.ts";
import { checkClientInformation } from "../core/client_information.ts";
import { otherSpelling } from "../core/issuer.ts";
import type { GetOrRegisterOptions, Register } from "../core/client_store.ts";
import { fits } from "../core/fit.ts";
import type { Lock } from "./lock.ts";
import type { Updater } from "./update.ts";

/** A registration under way, and what its first caller has asked for. */
export interface Flight {
  readonly client: Promise<ClientInformation>;
  readonly options: GetOrRegisterOptions;
}

/** What registering needs of a store. */
export interface RegisteringStore {
  /** The registrations that callers of this store are waiting for, by issuer. */
  readonly flights: Map<string, Flight>;
  readonly attempt: string;
  readonly updater: Updater;
  /** The unexpired client under exactly this issuer. */
  find(issuer: string): ClientInformation | undefined;
  /** The client, unless it has expired. */
  usable(client: ClientInformation | undefined): ClientInformation | undefined;
  warn(message: string): void;
}

/** Unchanged for this long, in milliseconds, a registration is taken over. */
const ABANDONED_AFTER = 4000;
const MAX_PAUSE = 50;
const HEARTBEAT = 1000;

/** Finds a client that will do, or registers one, once for all who ask at the same time. */
export async function getOrRegister(
  store: RegisteringStore,
  issuer: string,
  register: Register,
  options: GetOrRegisterOptions,
): Promise<ClientInformation> {
  const { signal, replace } = options;
  const { flights } = store;
  const key = commonSpelling(issuer);
  while (true) {
    signal?.throwIfAborted();
    const found = findFit(store, issuer, options);
    if (found) {
      if (replace !== undefined) await forgetRejected(store, issuer, replace);
      return found;
    }
    const running = flights.get(key);
    if (!running) {
      const client = unlessAborted(registerOnce(store, issuer, register, options), signal)
        .finally(() => flights.delete(key));
      flights.set(key, { client, options });
      return await client;
    }
    try {
      const client = await unlessAborted(running.client, signal);
      // Whoever wanted the same one replaced has the answer, even if the server gives its name again.
      const isFresh = replace !== undefined && replace === running.options.replace;
      if (isFresh ? fits(client, options) : isFit(client, options)) return client;
    } catch (error) {
      const isOurs = !running.options.signal?.aborted && isSameRequest(running.options, options);
      if (signal?.aborted || isOurs) throw error;
      // whoever registered has given up, or was refused something else: no reason for us to stop
    }
  }
}

/** Registers under the lock of the issuer, unless another process has. */
async function registerOnce(
  store: RegisteringStore,
  issuer: string,
  register: Register,
  options: GetOrRegisterOptions,
): Promise<ClientInformation> {
  const { attempt, updater } = store;
  const { signal } = options;
  const lock = updater.lock(await hash(commonSpelling(issuer)), attempt);
  const find = () => findFit(store, issuer, options);
  const isDone = () => find() !== undefined;
  const wait = { abandonedAfter: ABANDONED_AFTER, maxPause: MAX_PAUSE, signal, isDone };
  while (!await lock.acquire(wait)) {
    const client = find();
    if (client) return client;
  }
  const stopBeating = startBeating(lock, updater, signal);
  try {
    lock.cleanUp();
    const found = find();
    if (found) return found;
    // What cannot be stored must not be registered: this reads and locks as the change will. And a
    // damaged file may hold the client.
    await updater.update((draft) => draft.repair(), { attempt, signal });
    const mended = find();
    if (mended) return mended;
    const answer = await register(signal ? { signal } : {});
    const client = checkClientInformation(answer, attempt);
    return await keep(store, issuer, client, options);
  } finally {
    stopBeating();
    lock.release();
  }
}

/** Stores a fresh client, unless another process was faster after all. */
async function keep(
  store: RegisteringStore,
  issuer: string,
  client: ClientInformation,
  options: GetOrRegisterOptions,
): Promise<ClientInformation> {
  const { attempt, updater } = store;
  const kept = await updater.update((draft) => {
    for (const spelling of [issuer, otherSpelling(issuer)]) {
      const other = store.usable(draft.get(spelling));
      if (!other || other.client_id === client.client_id || !isFit(other, options)) continue;
      draft.addReplaced({ issuer, client });
      return other;
    }
    draft.set(issuer, client);
    const { replace } = options;
    const other = otherSpelling(issuer);
    if (replace !== undefined && draft.get(other)?.client_id === replace) draft.delete(other);
    return client;
  }, { attempt });
  const isExpired = store.usable(kept) === undefined;
  if (isExpired || !fits(kept, { ...options, accept: () => true })) {
    const fault = isExpired
      ? "has expired already, or is about to (client_secret_expires_at)"
      : "does not cover the redirect URIs or the scope asked for";
    store.warn(
      `Registered client for issuer "${issuer}" ${fault}: every run will register again`,
    );
  }
  return kept;
}

function findFit(
  store: RegisteringStore,
  issuer: string,
  options: GetOrRegisterOptions,
): ClientInformation | undefined {
  for (const spelling of [issuer, otherSpelling(issuer)]) {
    const client = store.find(spelling);
    if (client && isFit(client, options)) return client;
  }
}

/** Tells whether two callers ask for the same, so that what one is refused, the other one is, too. */
function isSameRequest(a: GetOrRegisterOptions, b: GetOrRegisterOptions): boolean {
  const conditions = ({ redirectUris, anyLoopbackPort, scope, replace }: GetOrRegisterOptions) =>
    JSON.stringify([redirectUris, anyLoopbackPort, scope, replace]);
  return a.accept === b.accept && conditions(a) === conditions(b);
}

function isFit(client: ClientInformation, options: GetOrRegisterOptions): boolean {
  return client.client_id !== options.replace && fits(client, options);
}

/** Removes the rejected client where another spelling of the issuer already has a better one. */
async function forgetRejected(
  { updater, attempt, find }: RegisteringStore,
  issuer: string,
  rejected: string,
): Promise<void> {
  if (find(issuer)?.client_id !== rejected) return;
  await updater.update((draft) => {
    if (draft.get(issuer)?.client_id === rejected) draft.delete(issuer);
  }, { attempt });
}

/** Two spellings of one issuer must not register side by side. */
function commonSpelling(issuer: string): string {
  return issuer.endsWith("/") ? otherSpelling(issuer) : issuer;
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = [...new Uint8Array(digest).subarray(0, 8)];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function startBeating(
  lock: Lock,
  updater: Updater,
  signal: AbortSignal | undefined,
): () => void {
  let count = 0;
  const timer = setInterval(() => {
    try {
      lock.beat(++count);
    } catch {
      // the next one may succeed; without any, another process takes over
    }
  }, HEARTBEAT);
  updater.unrefTimer(timer);
  const stop = () => {
    clearInterval(timer);
    signal?.removeEventListener("abort", stop);
  };
  // Whoever has given up need not wait for a server, and must not let others wait.
  signal?.addEventListener("abort", stop);
  return stop;
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
