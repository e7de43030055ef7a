/** The largest file that is read, in bytes: no `registered.json` comes near it. */
export const MAX_SIZE: number = 64 * 1024 * 1024;

/** What a file system may refuse without a file being any the worse for it, but for who may read it. */
const OPTIONAL = ["EPERM", "EACCES", "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"];

/** An error as the adapters throw it, where the runtime has none of its own. */
export function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

/** Refuses what is no regular file, or too large to read. */
export function requireRegular(
  { kind, size }: { readonly kind: string; readonly size: number },
  path: string,
): void {
  if (kind === "directory") throw failure("EISDIR", `"${path}" is a directory`);
  if (kind !== "file") throw failure("EFTYPE", `"${path}" is no regular file`);
  if (size > MAX_SIZE) throw failure("EFBIG", `"${path}" is larger than 64 MB`);
}

/** Tells whether an error says that the file system cannot, or will not, do what is optional. */
export function isOptional(error: unknown): boolean {
  return OPTIONAL.includes((error as { code?: string } | undefined)?.code ?? "");
}
