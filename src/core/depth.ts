/** The deepest nesting of a member that is kept: recursion over it must fail on no runtime. */
export const MAX_DEPTH = 64;

/** Tells whether a value is nested deeper than so many levels, without recursion: it may be hostile. */
export function isDeep(value: unknown, levels: number): boolean {
  if (!isNested(value)) return false;
  const seen = new Set<unknown>();
  let level: object[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true;
    const next = level.flatMap((one) => Object.values(one)).filter(isNested);
    level = next.filter((one) => !seen.has(one) && seen.add(one));
  }
  return false;
}

/** The JSON text of a value that comes from a file; what no runtime could write is left out. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(shallow(value, MAX_DEPTH)); // nested deeper than this runtime's stack
  }
}

function shallow(value: unknown, levels: number): unknown {
  if (!isNested(value)) return value;
  if (levels === 0) return undefined;
  if (Array.isArray(value)) return value.map((one) => shallow(one, levels - 1));
  const members = Object.entries(value).map(([name, one]) => [name, shallow(one, levels - 1)]);
  return Object.fromEntries(members);
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
