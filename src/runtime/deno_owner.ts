import type { Owner } from "./runtime.ts";

/**
 * Gives what root has created to `owner`, if that is another user.
 *
 * Deno itself changes the owner of whatever a path leads to by now, which whose directory it is could
 * turn on any file of the system. Few programs run as root, so these may load `node:fs`.
 */
export function giveTo({ uid, gid }: Owner, path: string): void {
  if (uid === undefined || uid === 0 || gid === undefined) return;
  const fs = process.getBuiltinModule("node:fs");
  // Asked about a file by its handle, Deno checks where its path really leads, at the terminal.
  if (!isGranted(Deno.realPathSync(path))) return fs.lchownSync(path, uid, gid);
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    const info = fs.fstatSync(fd);
    const isOurs = info.uid === 0 && (info.isDirectory() || info.isFile() && info.nlink === 1);
    if (isOurs) fs.fchownSync(fd, uid, gid);
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
