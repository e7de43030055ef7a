import type { FileInfo, Runtime } from "../runtime/runtime.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { codeOf } from "./private_file.ts";

/** Nobody but the owner may look for what holds secrets. */
const DIRECTORY_MODE = 0o700;

/**
 * Makes a directory and those above it, as far as they are missing, with mode 0700. What root makes
 * belongs to whose directory it is in.
 *
 * Windows says of a path below a file that nothing is there, so what is there is looked at.
 *
 * @throws {ClientStoreError} With code `ENOTDIR`, if something else has its name.
 */
export function makeDirectory(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  path: string,
): void {
  if (isThere(fs.stat(path), path)) return;
  const parent = join(path, "..");
  const make = () => fs.makeDirectory(path, DIRECTORY_MODE, ownerOf(fs, parent));
  try {
    make();
  } catch (error) {
    // Another process may have been faster, and its directory does as well.
    if (codeOf(error) === "EEXIST" && isThere(fs.stat(path), path)) return;
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeDirectory({ fs, join }, parent);
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

/** Whose the directory is, where we may ask. */
function ownerOf(fs: Runtime["fs"], path: string): FileInfo | undefined {
  try {
    return fs.stat(path);
  } catch {
    return undefined;
  }
}
