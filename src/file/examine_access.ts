import { shellWord } from "../core/shell_word.ts";
import type { Owner } from "../runtime/runtime.ts";
import type { AccessFault } from "./access_faults.ts";
import type { Find, Told } from "./finding.ts";

/** Tells of who may do too much, or too little. */
export function examineAccess(faults: readonly AccessFault[], find: Find): void {
  for (const fault of faults) {
    const { path, kind, mode, owner } = fault;
    if (mode !== undefined) find(kind === "file" ? "mode" : "directory mode", path, ofMode(fault));
    if (owner) find("owner", path, ofOwner(fault, owner));
  }
}

/** Tells whether it can be put right without asking anybody. */
export function isMendable({ isOwn, info, owner }: AccessFault): boolean {
  return isOwn && (owner === undefined || isRoots(info));
}

const isRoots = ({ uid }: Owner) => uid === 0;

function ofMode(fault: AccessFault): Told {
  const { path, kind, info: { mode = 0 }, isOwn } = fault;
  const shown = `mode ${mode.toString(8).padStart(4, "0")}`;
  const right = kind === "file" ? "600" : "700";
  const advice = `chmod ${right} ${shellWord(path)}`;
  if ((mode & 0o077) === 0) {
    return {
      what: `keeps its own owner out (${shown})`,
      meaning: "programs find no client there, and cannot store one",
      advice,
      isMendable: isOwn,
    };
  }
  const mayWrite = (mode & 0o022) !== 0;
  if (!isOwn) {
    return {
      what: `may be written to by others (${shown})`,
      meaning: "whoever can write there can put another client in the place of yours",
      advice: "keep the clients in a directory of your own: set XDG_CONFIG_HOME or path to one",
    };
  }
  const readable = kind === "file"
    ? "others on this machine can read the secrets in it"
    : "others on this machine can look into it";
  const writable = kind === "file"
    ? "others on this machine can read and change your clients, with their secrets"
    : "others on this machine can put another client in the place of yours";
  return {
    what: `is open to others (${shown})`,
    meaning: mayWrite ? writable : readable,
    advice,
    isMendable: true,
  };
}

function ofOwner({ path, info, isOwn }: AccessFault, { uid, gid }: Owner): Told {
  const advice = `as root: chown ${uid}:${gid} ${shellWord(path)}`;
  if (!isRoots(info)) {
    return {
      what: `belongs to another user (${info.uid}) than the directory that it is in (${uid})`,
      meaning: "that user can read your clients, and put others in their place",
      advice: `find out who has put it there; ${advice}`,
    };
  }
  return {
    what: `belongs to root, in a directory of user ${uid}`,
    meaning: "a program that ran as root has made it: programs of that user cannot use it",
    advice,
    isMendable: isOwn,
  };
}
