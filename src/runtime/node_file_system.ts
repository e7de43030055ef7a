import fs from "node:fs";
import type { FileSystem } from "../runtime.ts";

/** A directory cannot be opened on Windows, where NTFS keeps the order of its own changes. */
const canOpenDirectories = process.platform !== "win32";

function withFile(path: string, flags: string, mode: number, use: (fd: number) => void): void {
  const fd = fs.openSync(path, flags, mode);
  try {
    use(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** The file system of Node and of Bun, whose `node:fs` is the only synchronous one it has. */
export const nodeFileSystem: FileSystem = {
  stat(path) {
    const info = fs.statSync(path, { throwIfNoEntry: false });
    return info && { mtime: info.mtimeMs, ctime: info.ctimeMs, size: info.size, ino: info.ino };
  },
  readLink(path) {
    if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    return fs.readlinkSync(path);
  },
  readDirectory: (path) => fs.readdirSync(path),
  readFile: (path) => fs.readFileSync(path),
  readTextFile: (path) => fs.readFileSync(path, "utf8"),
  createFile(path, data, mode, flush) {
    withFile(path, "wx", mode, (fd) => {
      fs.fchmodSync(fd, mode); // the umask may have taken too much
      fs.writeFileSync(fd, data);
      if (flush) fs.fsyncSync(fd);
    });
  },
  overwriteFile(path, text) {
    withFile(path, "r+", 0o600, (fd) => fs.writeFileSync(fd, text));
  },
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  makeDirectory(path, mode) {
    fs.mkdirSync(path, mode);
    fs.chmodSync(path, mode); // the umask may have taken too much
  },
  flushDirectory(path) {
    if (canOpenDirectories) withFile(path, "r", 0o700, (fd) => fs.fsyncSync(fd));
  },
};
