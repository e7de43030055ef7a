import type { FileSystem } from "../runtime/runtime.ts";
import { temporaryPath } from "./fence.ts";
import { type Lock, LockLost } from "./lock.ts";
import { codeOf, createOrClean, removeQuietly } from "./private_file.ts";
import { replaceFile } from "./replace_file.ts";

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
 * @throws {LockLost} If the lock went to another process.
 */
export async function rehearse(
  fs: FileSystem,
  { files, directory }: Stage,
  lock: Lock,
): Promise<void> {
  for (const file of files) {
    const there = await lock.insist(() => fs.stat(file));
    const data = there && await lock.insist(() => fs.readFile(file));
    if (data) await replaceFile(fs, file, data, lock, there);
    else await replaceNothing(fs, file, directory, lock);
  }
  fs.flushDirectory(directory);
}

/** Renames a file to a name that nobody has used, and that the next holder of the lock would clear away. */
async function replaceNothing(
  fs: FileSystem,
  file: string,
  directory: string,
  lock: Lock,
): Promise<void> {
  const [temporary, target] = [lock.nonce, crypto.randomUUID()]
    .map((nonce) => temporaryPath(file, nonce)) as [string, string];
  createOrClean(fs, temporary, "", fs.stat(directory));
  try {
    await lock.insist(() => fs.rename(temporary, target));
    await lock.insist(() => fs.remove(target));
  } catch (error) {
    removeQuietly(fs, temporary);
    throw codeOf(error) === "ENOENT" ? new LockLost() : error; // the next holder has removed it
  }
}
