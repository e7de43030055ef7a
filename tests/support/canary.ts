/** Tells whether `value` holds `canary` anywhere: in any property, hidden ones and causes included. */
export function holds(value: unknown, canary: string, seen: Set<unknown> = new Set()): boolean {
  if (typeof value === "string") return value.includes(canary);
  if (typeof value !== "object" && typeof value !== "function" || value === null) return false;
  if (seen.has(value)) return false;
  seen.add(value);
  const properties = Reflect.ownKeys(value).map((key) => {
    try {
      return [key, (value as Record<PropertyKey, unknown>)[key]];
    } catch {
      return [key, undefined];
    }
  });
  return String(value).includes(canary) ||
    properties.some(([key, member]) => holds(String(key), canary) || holds(member, canary, seen));
}
