/** What a look comes to; `undefined` where it is refused, which is told of elsewhere. */
export function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
