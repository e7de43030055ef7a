/** What cannot be told, now or later, must not undo what it tells of. */
export function quietly<T>(tell: (what: T) => unknown): (what: T) => void {
  return async (what) => {
    try {
      await tell(what);
    } catch {
      // the caller's own affair
    }
  };
}
