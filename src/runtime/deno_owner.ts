import { changeAccess } from "./change_access.ts";
import { failure } from "./regular_file.ts";
import type { FileInfo, Owner } from "./runtime.ts";

/**
 * Gives what root has created to `owner`, if that is another user.
 *
 * Deno itself changes the owner of whatever a path leads to by now, which whose directory it is could
 * turn on any file of the system. Few programs run as root, so these may load `node:fs`.
 */
export function giveTo({ uid, gid }: Owner, path: string): void {
  if (uid === undefined || uid === 0 || gid === undefined) return;
  const fs = process.getBuiltinModule("node:fs");
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  // Asked about a file by its handle, Deno checks where its path really leads, at the terminal.
  if (!isGranted(Deno.realPathSync(path))) return fs.lchownSync(path, uid, gid);
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const info = fs.fstatSync(fd);
    const isOurs = info.uid === 0 && (info.isDirectory() || info.isFile() && info.nlink === 1);
    if (isOurs) fs.fchownSync(fd, uid, gid);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Gives a file or directory its mode and owner, by its handle, so that no link leads root elsewhere.
 * What cannot be opened keeps its owner out, who is not root: then the path will do.
 */
export function changeAccessOf(
  path: string,
  change: { mode: number; owner: Owner | undefined; known: FileInfo | undefined },
): void {
  const fs = process.getBuiltinModule("node:fs");
  const real = Deno.realPathSync(path);
  if (!isGranted(real)) throw failure("EACCES", `"${real}" requires --allow-write`);
  let fd: number;
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EACCES") throw error;
    return changeAccess(fs.lstatSync(path), change, {
      chmod: (mode) => fs.chmodSync(path, mode),
      chown: (uid, gid) => fs.lchownSync(path, uid, gid),
    });
  }
  try {
    changeAccess(fs.fstatSync(fd), change, {
      chmod: (mode) => fs.fchmodSync(fd, mode),
      chown: (uid, gid) => fs.fchownSync(fd, uid, gid),
    });
  } finally {
    fs.closeSync(fd);
  }
}

function isGranted(path: string): boolean {
  const states = (["read", "write"] as const).map((name) =>
    Deno.permissions.querySync({ name, path }).state
  );
  return states.every((state) => state === "granted");
}
