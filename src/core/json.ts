import type { JsonValue } from "@std/json/types";

/** A JSON object. */
export type JsonObject = { [member: string]: JsonValue | undefined };

/** Tells whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object with this member, also where its name is `__proto__`; without it for `undefined`. */
export function withMember(
  object: JsonObject,
  name: string,
  value: JsonValue | undefined,
): JsonObject {
  return withMembers(object, [[name, value]]);
}

/** The object with these members, copied once however many they are. */
export function withMembers(
  object: JsonObject,
  members: Iterable<readonly [string, JsonValue | undefined]>,
): JsonObject {
  const result = { ...object };
  for (const [name, value] of members) {
    if (value === undefined) delete result[name];
    else {
      Object.defineProperty(result, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return result;
}

/** The own member of this name, also where it is `__proto__` or `constructor`. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The value of a JSON text, with or without a byte order mark; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}
