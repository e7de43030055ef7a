import type { FileInfo } from "./runtime.ts";

/** What Node tells of a file, as far as it is needed. */
export interface NodeStats {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly size: number;
  readonly ino: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Windows knows neither modes nor owners; what Node shows there is made up. */
const hasModes = process.platform !== "win32";

const TYPE_BITS = 0o170000;
const KINDS: { [type: number]: FileInfo["kind"] } = { 0o100000: "file", 0o040000: "directory" };

/** What the core wants to know of a file. */
export function infoOf({ mtimeMs, ctimeMs, size, ino, mode, uid, gid }: NodeStats): FileInfo {
  return {
    mtime: mtimeMs,
    ctime: ctimeMs,
    size,
    ino,
    kind: KINDS[mode & TYPE_BITS] ?? "other",
    mode: hasModes ? mode & 0o777 : undefined,
    uid: hasModes ? uid : undefined,
    gid: hasModes ? gid : undefined,
  };
}
