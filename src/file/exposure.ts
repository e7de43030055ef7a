import type { FileInfo, FileSystem, Owner } from "../runtime/runtime.ts";

/** A directory that every user may write to. */
const ALL_MAY_WRITE = 0o002;
const OTHERS_MAY_READ = 0o044;

/** A file of a store, and the directory that it lies in. */
interface Place {
  readonly file: string;
  readonly directory: string;
}

/** What the users of a file system have heard of in this process. */
const told = new WeakMap<FileSystem, Set<string>>();

/** Those of the warnings that nobody has heard of yet. */
export function untold(fs: FileSystem, warnings: readonly string[]): string[] {
  const known = told.get(fs) ?? new Set();
  told.set(fs, known);
  const fresh = warnings.filter((warning) => !known.has(warning));
  for (const warning of fresh) known.add(warning);
  return fresh;
}

/**
 * Says what does not protect the secrets in a file that has just been written.
 *
 * @param before Whose the file was before, if it was there: what it said may have been another's word.
 */
export function exposure(fs: FileSystem, place: Place, before: Owner | undefined): string[] {
  const { file, directory } = place;
  const [written, around] = [file, directory].map((path) => look(fs, path));
  if (!written || !around) return [];
  const { mode, uid } = written;
  const warnings: string[] = [];
  if (mode !== undefined && (mode & OTHERS_MAY_READ) !== 0) {
    const shown = mode.toString(8).padStart(4, "0");
    warnings.push(
      `Others may read "${file}" (mode ${shown}): its file system does not keep modes; ` +
        "set XDG_CONFIG_HOME or path to a place that does",
    );
  }
  warnings.push(...openness(around, directory, uid));
  if (before && isAnothers(before, uid)) warnings.push(ofAnother(file));
  return warnings;
}

/**
 * Says who else may have written a file that was read.
 *
 * @param ours The user that we are, where that is known: else, and for root, whose the directory is
 * counts.
 */
export function suspicion(fs: FileSystem, place: Place, ours: number | undefined): string[] {
  const [read, around] = [place.file, place.directory].map((path) => look(fs, path));
  if (!read || !around) return [];
  const user = ours || undefined;
  const warnings = openness(around, place.directory, user);
  if (isAnothers(read, user ?? (around.uid || undefined))) warnings.push(ofAnother(place.file));
  return warnings;
}

/** Says who else may write to a directory. */
function openness(around: FileInfo, directory: string, ours: number | undefined): string[] {
  if (around.mode !== undefined && (around.mode & ALL_MAY_WRITE) !== 0) {
    return [
      `Everybody may write to "${directory}", and so plant or replace clients there: ` +
      "set XDG_CONFIG_HOME or path to a directory of your own",
    ];
  }
  if (!isAnothers(around, ours)) return [];
  return [
    `The directory "${directory}" belongs to another user, who may replace the clients in it`,
  ];
}

function ofAnother(file: string): string {
  return `The file "${file}" is another user's, who may have written the clients in it`;
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
