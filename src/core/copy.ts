/** A copy of a JSON value: what a store keeps must not change under the hands of its callers. */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const result = { ...value };
  for (const key in result) {
    if (typeof result[key] === "object") result[key] = copyOf(result[key]);
  }
  return result;
}
