/** What the tests use of `@std/fs`; its npm redistribution carries no declarations. */
export function existsSync(path: string | URL): boolean;
export function walkSync(
  root: string | URL,
): IterableIterator<{ path: string; name: string; isFile: boolean }>;
