import type { FileSystem } from "../runtime/runtime.ts";
import { createOrClean, removeQuietly } from "./replace_file.ts";

/** Where the files of a store lie. */
export interface Stage {
  /** The files that a change replaces, no links to them. */
  readonly files: readonly string[];
  readonly directory: string;
}

/**
 * Does all that a change will do, so that what cannot work is found out before a server is asked:
 * creates a file, flushes it, renames it into place, flushes the directory. Nothing differs after it.
 *
 * For the holder of the lock, because a file that is there is replaced by its copy: whether it is
 * mounted by itself, and so can never be replaced, no other question tells.
 *
 * @param beforeRename May throw to call it off, as when the lock is lost.
 */
export function rehearse(
  fs: FileSystem,
  { files, directory }: Stage,
  beforeRename: () => void,
): void {
  for (const file of files) {
    const there = fs.stat(file);
    const [temporary, target] = [spare(file), there ? file : spare(file)];
    createOrClean(fs, temporary, there ? fs.readFile(file) : "", there ?? fs.stat(directory));
    try {
      beforeRename();
      fs.rename(temporary, target);
    } catch (error) {
      removeQuietly(fs, temporary);
      throw error;
    }
    if (!there) fs.remove(target);
  }
  fs.flushDirectory(directory);
}

/** A name that nobody has used, and that the next holder of the lock would clear away. */
function spare(file: string): string {
  return `${file}.${crypto.randomUUID()}.tmp`;
}
