/** Tells whether this can be part of a key: databases refuse NUL, and take lone surrogates for each other. */
export function isStorable(name: string): boolean {
  return !name.includes("\0") && name.isWellFormed();
}
