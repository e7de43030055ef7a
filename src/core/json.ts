import type { JsonValue } from "@std/json";

/** Tells whether a JSON value is an object. */
export function isObject(value: unknown): value is { [member: string]: JsonValue | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
