import { onAbort } from "../core/on_abort.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Lock } from "./lock.ts";

/** How often the holder of a lock shows that it lives, in milliseconds. */
const HEARTBEAT = 1000;

/** Lets a lock beat until the returned function is called, or the signal is aborted. */
export function startBeating(
  lock: Lock,
  { unrefTimer }: Pick<Runtime, "unrefTimer">,
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
  // The process may end while the timer is pending.
  if (typeof timer === "number") unrefTimer?.(timer);
  else (timer as { unref?(): void }).unref?.(); // in packages of npm on Deno, too
  // Whoever has given up need not wait for a server, and must not let others wait.
  const leave = onAbort(signal, () => clearInterval(timer));
  return () => {
    clearInterval(timer);
    leave();
  };
}
