import { shellWord } from "../core/shell_word.ts";
import { sleep } from "../core/sleep.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Find } from "./finding.ts";
import { holderIn } from "./lock_holder.ts";
import { metadataPath, nameOf } from "./paths.ts";
import { unlessRefused } from "./unless_refused.ts";
import { look } from "./watch.ts";

/** A lock that nobody has touched for longer than this is not held by a living process. */
const SEEN_FOR = 4500;

/** Tells of what lies beside the files: locks, what dead processes have left, copies that were kept aside. */
export async function examineNames(
  { fs, join }: Runtime,
  file: string,
  directory: string,
  find: Find,
): Promise<void> {
  const stems = [file, metadataPath(file)].map((path) => nameOf({ join }, path));
  const own = fs.readDirectory(directory)
    .filter((name) => stems.some((stem) => name.startsWith(`${stem}.`)))
    .sort();
  const held = own.filter((name) => /\.(lock|break|tmp)$/.test(name))
    .map((name) => [name, look(fs, join(directory, name))] as const);
  if (held.length > 0) await sleep(SEEN_FOR);
  for (const [name, content] of held) {
    const path = join(directory, name);
    const now = look(fs, path);
    const kind = unlessRefused(() => fs.stat(path))?.kind;
    if (kind === undefined) continue; // somebody was at work
    if (kind !== "file") {
      find("not a file", path, {
        what: "is no regular file, in the place of one that programs make and remove",
        meaning: "nothing can be stored as long as it is there",
        advice: `move it away: mv ${shellWord(path)} ${shellWord(`${path}.away`)}`,
      });
    } else if (name.endsWith(".lock")) findLock(path, now, now === content, find);
    else if (now === content) {
      find("leftover", path, {
        what: "was left by a process that ended early",
        meaning: "it may hold secrets, and is of no use",
        advice: "remove it, as the next change does",
        isMendable: true,
      });
    }
  }
  for (const name of own.filter((name) => name.includes(".corrupt-"))) {
    const path = join(directory, name);
    find("copy", path, {
      what: "is a copy of what was damaged once",
      meaning: "all secrets of that time are in it",
      advice: `look whether anything is missing, then: rm ${shellWord(path)}`,
    });
  }
}

function findLock(path: string, content: string | undefined, isStill: boolean, find: Find): void {
  const { pid, since } = holderIn(content);
  const who = pid === undefined ? "" : ` (process ${pid}${since ? `, since ${since}` : ""})`;
  if (isStill) {
    find("lock", path, {
      what: `is a lock that nobody seems to hold any more${who}`,
      meaning: "the next program that stores or registers waits some seconds for it",
      advice: "remove it, as the next program that needs it does",
      isMendable: true,
    });
  } else {
    find("held", path, {
      what: `is held by a process that lives${who}`,
      meaning: "it stores or registers a client just now",
      advice: "wait for that process",
    });
  }
}
