/** What is called when a signal is aborted. Node warns of a signal with many listeners: ours is one. */
const waiting = new WeakMap<AbortSignal, { callbacks: Set<() => void>; listener: () => void }>();

/**
 * Calls `callback` once the signal is aborted, at once if it is already.
 *
 * @returns Ends that.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const known = waiting.get(signal) ?? listenTo(signal);
  const call = () => callback(); // one callback may wait twice
  known.callbacks.add(call);
  return () => {
    known.callbacks.delete(call);
    if (known.callbacks.size > 0 || waiting.get(signal) !== known) return;
    signal.removeEventListener("abort", known.listener);
    waiting.delete(signal);
  };
}

function listenTo(signal: AbortSignal) {
  const callbacks = new Set<() => void>();
  const listener = () => {
    waiting.delete(signal);
    signal.removeEventListener("abort", listener);
    for (const callback of callbacks) callback();
  };
  const known = { callbacks, listener };
  waiting.set(signal, known);
  signal.addEventListener("abort", listener);
  return known;
}
