/** A warning that cannot be given, now or later, must not undo what it tells of. */
export function quietly(warn: (message: string) => unknown): (message: string) => void {
  return async (message) => {
    try {
      await warn(message);
    } catch {
      // the caller's own affair
    }
  };
}
