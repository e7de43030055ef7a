import type { FileInfo, Owner } from "./runtime.ts";
import { failure } from "./regular_file.ts";

/** What `fstat` of `node:fs` tells of a file or directory. */
interface Standing {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly ino: number;
  readonly nlink: number;
  isDirectory(): boolean;
}

/** How a mode and an owner are changed. */
interface Change {
  chmod(mode: number): void;
  chown(uid: number, gid: number): void;
}

/**
 * Gives what stands there the mode and the owner that it is to have, where they differ.
 *
 * A file with a second name may be anybody's: whoever can link to it must not be given it by root.
 */
export function changeAccess(
  standing: Standing,
  { mode, owner, known }: {
    readonly mode: number;
    readonly owner: Owner | undefined;
    readonly known: Pick<FileInfo, "ino" | "uid"> | undefined;
  },
  { chmod, chown }: Change,
): void {
  // Whose directory it is in may have put another one there since.
  if (known && (known.ino !== standing.ino || known.uid !== standing.uid)) {
    throw failure("EPERM", "it is another one by now");
  }
  const { uid = standing.uid, gid = standing.gid } = owner ?? {};
  const isForeign = uid !== standing.uid;
  if (isForeign && !standing.isDirectory() && standing.nlink !== 1) {
    throw failure("EPERM", "the file has a second name");
  }
  if (isForeign) chown(uid, gid);
  // Afterwards: another owner may take bits of the mode away.
  if ((standing.mode & 0o777) !== mode) chmod(mode);
}
