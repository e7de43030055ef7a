import type { FileInfo, Owner, Runtime } from "../runtime/runtime.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { codeOf } from "./private_file.ts";

/** Nobody but the owner may look for what holds secrets. */
const DIRECTORY_MODE = 0o700;

/**
 * Makes a directory and those above it, as far as they are missing, with mode 0700. What root makes
 * belongs to whose directory it is in; `warn` hears of it where that cannot be asked.
 *
 * Windows says of a path below a file that nothing is there, so what is there is looked at.
 *
 * @throws {ClientStoreError} With code `ENOTDIR`, if something else has its name.
 */
export function makeDirectory(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  path: string,
  warn: (message: string) => void,
): void {
  if (isThere(fs.stat(path), path)) return;
  const parent = join(path, "..");
  const make = () => {
    const { owner, unknown } = ownerOf(fs, parent);
    fs.makeDirectory(path, DIRECTORY_MODE, owner);
    if (unknown === undefined || fs.stat(path)?.uid !== 0) return;
    warn(
      `Made the directory "${path}" as root, who cannot tell whose "${parent}" is${unknown}; ` +
        "if it is another user's, give the new directory to that user",
    );
  };
  try {
    make();
  } catch (error) {
    // Another process may have been faster, and its directory does as well.
    if (codeOf(error) === "EEXIST" && isThere(fs.stat(path), path)) return;
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeDirectory({ fs, join }, parent, warn);
    makeOnce(make);
  }
  try {
    fs.flushDirectory(parent);
  } catch {
    // the parent may be one that we may not read: then its own schedule must do
  }
}

function makeOnce(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

function isThere(info: FileInfo | undefined, path: string): boolean {
  if (!info || info.kind === "directory") return info !== undefined;
  throw new ClientStoreError(
    `: cannot create directory "${path}" (ENOTDIR): a file has its name; move it away`,
    { code: "ENOTDIR", path },
  );
}

/** Whose the directory is, or why that is not known: a sandbox may not let us ask. */
function ownerOf(fs: Runtime["fs"], path: string): { owner?: Owner | undefined; unknown?: string } {
  try {
    return { owner: fs.stat(path) };
  } catch (error) {
    return { unknown: (error as Error).message };
  }
}
