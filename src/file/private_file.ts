import type { FileSystem, Owner } from "../runtime/runtime.ts";

/** Nobody but the owner may read what holds secrets. */
export const FILE_MODE = 0o600;

/** Creates a file, flushed and with mode 0600, or leaves nothing behind. */
export function createOrClean(
  fs: FileSystem,
  path: string,
  data: string | Uint8Array,
  owner?: Owner,
): void {
  try {
    fs.createFile(path, data, FILE_MODE, true, owner);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") removeQuietly(fs, path);
    throw error;
  }
}

/** Removes a file if it can; for clean-up after a failure that is already being reported. */
export function removeQuietly(fs: FileSystem, path: string): void {
  try {
    fs.remove(path);
  } catch {
    // the failure that led here matters more
  }
}

/** The POSIX name of a failure of a {@linkcode FileSystem}. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code; // of whichever realm
  return typeof code === "string" ? code : "EIO";
}
