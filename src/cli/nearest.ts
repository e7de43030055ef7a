/** The one that differs in the fewest letters, if they are few. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => [distance(given, name), name] as const);
  const [closest] = distances.sort(([a], [b]) => a - b);
  return closest && closest[0] <= Math.max(2, given.length / 3) ? closest[1] : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
