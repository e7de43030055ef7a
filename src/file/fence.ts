import type { FileSystem, Runtime } from "../runtime/runtime.ts";
import { folded, metadataPath, nameOf } from "./paths.ts";
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
 * @returns Whether there may be metadata, by what the listing tells.
 */
export function fence(
  runtime: Pick<Runtime, "fs" | "join">,
  { file, directory }: Guarded,
  nonce: string,
): boolean {
  const { fs } = runtime;
  const own = nameOf(runtime, file);
  if (/^\.{0,2}$/.test(own)) return true; // the path is a directory's: nothing there is ours
  const [lock, metadata] = [`${own}.lock`, metadataPath(own)];
  const beside = (name: string) => file.slice(0, file.length - own.length) + name;
  const names = fs.readDirectory(directory);
  // A listing without our lock is of another place, or spells its names in another way.
  let isSure = names.includes(lock);
  for (const name of names) {
    if (name === `${lock}.break`) removeQuietly(fs, beside(name)); // the lock is ours
    if (!name.endsWith(TEMPORARY)) continue;
    const { of, owner } = partsOf(name);
    const guarded = [own, metadata].find((one) => folded(one) === folded(of));
    if (guarded === undefined || owner === nonce) continue;
    // In our spelling, which is the same file only where the file system takes it for that.
    const path = beside(guarded + name.slice(of.length));
    if (owner === "" && !isOld(fs, path)) continue;
    removeIfThere(fs, path);
    isSure = false; // he may have renamed his metadata just now
  }
  const wanted = folded(metadata);
  return !isSure || names.some((name) => folded(name) === wanted);
}

/** Of which file this is the temporary one, and whose: `""` for a program that knows of no nonce. */
function partsOf(name: string): { of: string; owner: string } {
  const [, of = "", owner = ""] = /^(.*?)(?:\.([0-9a-f-]{36}))?\.tmp$/s.exec(name) ?? [];
  return { of, owner };
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
