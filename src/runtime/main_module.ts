/** Tells on Node whether the program that was started is this module, or a link to it. */
export function isMainModule(url: string): boolean {
  const [, program] = process.argv;
  if (program === undefined) return false;
  const { realpathSync } = process.getBuiltinModule("node:fs");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  try {
    return realpathSync(program) === realpathSync(fileURLToPath(url));
  } catch {
    return false; // there is no such file, as with --eval
  }
}
