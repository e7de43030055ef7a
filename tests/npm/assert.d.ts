/** What the tests use of `@std/assert`; its npm redistribution carries no declarations. */
type Class<T> = abstract new (...args: never[]) => T;
export function assert(value: unknown, message?: string): asserts value;
export function assertEquals<T>(actual: T, expected: T, message?: string): void;
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T;
export function assertMatch(actual: string, expected: RegExp, message?: string): void;
export function assertNotMatch(actual: string, expected: RegExp, message?: string): void;
export function assertStringIncludes(actual: string, expected: string, message?: string): void;
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T>;
export function assertInstanceOf<T>(
  actual: unknown,
  expected: Class<T>,
  message?: string,
): asserts actual is T;
export function assertGreater(actual: number, expected: number, message?: string): void;
export function assertGreaterOrEqual(actual: number, expected: number, message?: string): void;
export function assertLess(actual: number, expected: number, message?: string): void;
export function assertLessOrEqual(actual: number, expected: number, message?: string): void;
export function assertThrows(action: () => unknown, message?: string): unknown;
export function assertThrows<E extends Error>(
  action: () => unknown,
  type: Class<E>,
  includes?: string,
): E;
export function assertRejects(
  action: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown>;
export function assertRejects<E extends Error>(
  action: () => PromiseLike<unknown>,
  type: Class<E>,
  includes?: string,
): Promise<E>;
export function fail(message?: string): never;
