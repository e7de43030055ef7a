import type { FileInfo, FileSystem, Owner } from "../runtime/runtime.ts";

/** A directory that every user may write to. */
const ALL_MAY_WRITE = 0o002;
const OTHERS_MAY_READ = 0o044;

/**
 * Says what does not protect the secrets in a file that has just been written: for the user, once.
 *
 * @param before Whose the file was before, if it was there: what it said may have been another's word.
 */
export function exposure(
  fs: FileSystem,
  { file, directory }: { readonly file: string; readonly directory: string },
  before: Owner | undefined,
): string[] {
  const [written, around] = [file, directory].map((path) => look(fs, path));
  if (!written || !around) return [];
  const warnings: string[] = [];
  const { mode, uid } = written;
  if (mode !== undefined && (mode & OTHERS_MAY_READ) !== 0) {
    const shown = mode.toString(8).padStart(4, "0");
    warnings.push(
      `Others may read "${file}" (mode ${shown}): its file system does not keep modes; ` +
        "set XDG_CONFIG_HOME or path to a place that does",
    );
  }
  if (around.mode !== undefined && (around.mode & ALL_MAY_WRITE) !== 0) {
    warnings.push(
      `Everybody may write to "${directory}", and so plant or replace clients there: ` +
        "set XDG_CONFIG_HOME or path to a directory of your own",
    );
  } else if (isAnothers(around, uid)) {
    warnings.push(
      `The directory "${directory}" belongs to another user, who may replace the clients in it`,
    );
  }
  if (before && isAnothers(before, uid)) {
    warnings.push(
      `The file "${file}" belonged to another user, who may have written the clients in it`,
    );
  }
  return warnings;
}

/** What cannot be looked at gives no warning: the change itself is made. */
function look(fs: FileSystem, path: string): FileInfo | undefined {
  try {
    return fs.stat(path);
  } catch {
    return undefined;
  }
}

/** Root may do as it likes anyway. */
function isAnothers({ uid }: Owner, ours: number | undefined): boolean {
  return uid !== undefined && ours !== undefined && uid !== 0 && uid !== ours;
}
