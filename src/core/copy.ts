/** Deeper than any member of a client may be nested: what a file has beyond that is not copied. */
const MAX_LEVELS = 80;

/** A copy of a JSON value: what a store keeps must not change under the hands of its callers. */
export function copyOf<T>(value: T, levels: number = MAX_LEVELS): T {
  if (typeof value !== "object" || value === null || levels === 0) return value;
  if (Array.isArray(value)) return value.map((one) => copyOf(one, levels - 1)) as T;
  const result = { ...value };
  for (const key in result) {
    if (typeof result[key] === "object") result[key] = copyOf(result[key], levels - 1);
  }
  return result;
}
