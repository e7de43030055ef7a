import type { FileSystem } from "../runtime/runtime.ts";
import { hasName, metadataPath, nameOf } from "./paths.ts";
import { codeOf, removeQuietly } from "./private_file.ts";

/** A temporary file without a nonce is another program's, which may be writing it just now. */
const FOREIGN_IS_OLD = 60_000;

const TEMPORARY = ".tmp";

/** The files that a lock guards, and where they lie. */
export interface Guarded {
  /** `registered.json` itself, no link to it. */
  readonly file: string;
  readonly directory: string;
}

/** The new file of one holder of the lock, before it takes the name; no two holders share one. */
export function temporaryPath(path: string, nonce: string): string {
  return `${path}.${nonce}${TEMPORARY}`;
}

/**
 * Removes every temporary file but our own, so that nobody who held the lock before us can commit
 * anything from now on: the source of the rename is gone.
 *
 * To be called once we hold the lock, and before we read what we change. Whoever has checked that he
 * holds the lock had written his temporary file before, and ours was created after that check: so
 * either he has renamed it by now, and we read what he wrote, or he finds it gone. Whoever has not
 * checked yet will find that the lock is not his.
 *
 * @returns The names in the directory.
 */
export function fence(
  fs: FileSystem,
  join: (...segments: string[]) => string,
  { file, directory }: Guarded,
  nonce: string,
): string[] {
  const guarded = [file, metadataPath(file)].map(nameOf);
  const names = fs.readDirectory(directory);
  for (const name of names) {
    if (name.endsWith(TEMPORARY)) {
      const owner = ownerOf(name, guarded);
      if (owner === undefined || owner === nonce) continue;
      const path = join(directory, name);
      if (owner !== "" || isOld(fs, path)) removeIfThere(fs, path);
    } else if (name === `${guarded[0]}.lock.break`) {
      removeQuietly(fs, join(directory, name)); // left by a recoverer: the lock is ours
    }
  }
  return names;
}

/** Whose temporary file this is: a nonce, or `""` for a program that knows of none. */
function ownerOf(name: string, guarded: readonly string[]): string | undefined {
  const [, of = "", nonce = ""] = /^(.*?)(?:\.([0-9a-f-]{36}))?\.tmp$/s.exec(name) ?? [];
  return hasName(guarded, of) ? nonce : undefined;
}

function isOld(fs: FileSystem, path: string): boolean {
  const changed = fs.stat(path)?.mtime;
  return changed !== undefined && Date.now() - changed > FOREIGN_IS_OLD;
}

function removeIfThere(fs: FileSystem, path: string): void {
  try {
    fs.remove(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
