import type { FileSystem, Owner } from "../runtime/runtime.ts";
import { temporaryPath } from "./fence.ts";
import { type Lock, LockLost } from "./lock.ts";
import { codeOf, createOrClean, removeQuietly } from "./private_file.ts";

/**
 * Replaces `path` by a file with `data`, in one step for every reader, mode 0600.
 *
 * The new file is on disk before it takes the name. `beforeRename` may throw to call it off; the
 * temporary file is then removed, as after any other failure. Root makes it the file of `owner`.
 *
 * @throws {LockLost} If the lock went to another process; nothing was changed then.
 */
export async function replaceFile(
  fs: FileSystem,
  path: string,
  data: string | Uint8Array,
  lock: Lock,
  owner?: Owner,
  beforeRename: () => void = () => {},
): Promise<void> {
  const temporary = temporaryPath(path, lock.nonce);
  createOrClean(fs, temporary, data, owner);
  try {
    await lock.insist(() => {
      beforeRename();
      lock.check();
      fs.rename(temporary, path);
    });
  } catch (error) {
    removeQuietly(fs, temporary);
    // The next holder has removed it, or somebody the whole directory.
    throw codeOf(error) === "ENOENT" ? new LockLost() : error;
  }
}
