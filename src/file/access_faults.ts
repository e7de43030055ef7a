import type { FileInfo, Owner, Runtime } from "../runtime/runtime.ts";
import { metadataPath, nameOf, realFile } from "./paths.ts";
import { unlessRefused } from "./unless_refused.ts";

/** Where a store lies. */
export interface StorePlace {
  /** The path that it was opened with, which may be a link. */
  readonly path: string;
  /** How many of the directories around it are the store's own, by their names: none for a given path. */
  readonly ownDirectories: number;
}

/** A file or directory that lets others in, keeps its owner out, or is another user's. */
export interface AccessFault {
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly info: FileInfo;
  /** The mode that it should have, if that is another one. */
  readonly mode: number | undefined;
  /** Whose it should be, if it is another's. */
  readonly owner: Owner | undefined;
  /** Whether it is the store's own to change: not a directory that other things are in, too. */
  readonly isOwn: boolean;
}

/** Finds who may do too much, or too little, with the files of a store and the directories around them. */
export function accessFaults(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  { path, ownDirectories }: StorePlace,
): AccessFault[] {
  const file = unlessRefused(() => realFile({ fs, join }, path)) ?? path;
  const directory = join(file, "..");
  const stat = (path: string) => unlessRefused(() => fs.stat(path));
  const names = unlessRefused(() => fs.readDirectory(directory));
  const name = nameOf({ join }, file);
  const stem = name.endsWith(".json") ? name.slice(0, -".json".length) : name;
  const isOursAlone = names?.every((one) => one === name || one.startsWith(`${stem}.`)) ?? false;
  const owned = file === path ? ownDirectories : 0;
  const around = Array.from({ length: Math.max(owned, 1) }).reduce<string[]>(
    (all) => [...all, all.length === 0 ? directory : join(all.at(-1) ?? "", "..")],
    [],
  );
  // Whoever can make a link must not have root close what is another's.
  const user = stat(join(path, ".."))?.uid;
  const isTheirs = (one: string) => file === path || !user || stat(one)?.uid === user;
  const faults: AccessFault[] = [];
  const look = (path: string, kind: AccessFault["kind"], isOwn: boolean) => {
    const info = stat(path);
    if (info?.kind === kind) faults.push(...faultOf(path, info, stat(join(path, "..")), isOwn));
  };
  for (const one of around.toReversed()) {
    const real = unlessRefused(() => realFile({ fs, join }, one)) ?? one;
    const isNamed = real === one && around.indexOf(one) < owned;
    look(real, "directory", isNamed || one === directory && isOursAlone && isTheirs(real));
  }
  const copies = names?.filter((one) => one.startsWith(`${stem}.`) && one.includes(".corrupt-"));
  for (
    const one of [
      file,
      metadataPath(file),
      ...(copies ?? []).map((one) => join(directory, one)),
    ]
  ) {
    look(one, "file", isTheirs(one));
  }
  return faults;
}

function faultOf(
  path: string,
  info: FileInfo,
  above: FileInfo | undefined,
  isOwn: boolean,
): AccessFault[] {
  const kind = info.kind === "directory" ? "directory" : "file";
  const { mode, uid } = info;
  // Where other things are, too, others may look: the files are closed to them.
  const forbidden = isOwn ? 0o077 : 0o022;
  const needed = kind === "file" ? 0o400 : 0o700;
  const isWrong = mode !== undefined && ((mode & forbidden) !== 0 || (mode & needed) !== needed);
  // Below what is root's, anybody may have a place.
  const isForeign = uid !== undefined && above?.uid !== undefined && above.uid !== 0 &&
    uid !== above.uid;
  if (!isWrong && !isForeign) return [];
  return [{
    path,
    kind,
    info,
    mode: isWrong ? kind === "file" ? 0o600 : 0o700 : undefined,
    owner: isForeign ? { uid: above.uid, gid: above.gid } : undefined,
    isOwn,
  }];
}
