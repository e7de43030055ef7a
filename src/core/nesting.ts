import { ClientStoreError } from "./client_store_error.ts";

/** Carries a value along asynchronous calls, as `AsyncLocalStorage` does. */
export interface AsyncLocal {
  /** Calls back; whatever that leads to finds this value. */
  run<T>(value: unknown, callback: () => T): T;
  /** The value that led here. */
  getStore(): unknown;
}

/** What is being registered around the present call, in whatever store of this process. */
let around: AsyncLocal | undefined;

/**
 * Refuses to wait for the registration with an issuer, in this place, that is waiting for this very call.
 *
 * @throws {ClientStoreError} With code `EDEADLK`.
 */
export function checkNotWithin(place: string, issuer: string, attempt: string): void {
  if (!registering().some(({ name }) => name === nameOf(place, issuer))) return;
  throw new ClientStoreError(
    `${attempt}: it is being registered by the call that this one is made in, ` +
      "and the two would wait for each other: do not ask for a client within its own register",
    { code: "EDEADLK", path: "" },
  );
}

/** Calls `register`; calls that come of it are known to be made within. */
export async function within<T>(
  place: string,
  issuer: string,
  createAsyncLocal: (() => AsyncLocal | undefined) | undefined,
  register: () => T,
): Promise<Awaited<T>> {
  around ??= createAsyncLocal?.();
  if (!around) return await register();
  const frame: Frame = { name: nameOf(place, issuer), isOver: false };
  try {
    return await around.run([...registering(), frame], register);
  } finally {
    frame.isOver = true;
  }
}

/** A registration, and whether it has ended: timers and connections that began within outlive it. */
interface Frame {
  readonly name: string;
  isOver: boolean;
}

function registering(): readonly Frame[] {
  const frames = (around?.getStore() as readonly Frame[] | undefined) ?? [];
  return frames.filter(({ isOver }) => !isOver);
}

/** An issuer among all that are registered with in this process. */
function nameOf(place: string, issuer: string): string {
  return `${place} ${issuer}`;
}
