import { shellWord } from "../core/shell_word.ts";
import type { FileInfo, Runtime } from "../runtime/runtime.ts";
import { accessFaults, type StorePlace } from "./access_faults.ts";
import { examineAccess } from "./examine_access.ts";
import { examineMetadata, examineRegistry } from "./examine_content.ts";
import { examineNames } from "./examine_names.ts";
import { adviceFor } from "./explain_failures.ts";
import { type Find, type Finding, Findings } from "./finding.ts";
import { parseMetadata } from "./metadata.ts";
import { metadataPath, readText, realFile } from "./paths.ts";
import { codeOf } from "./private_file.ts";
import { parseRegistry } from "./registry.ts";
import { unlessRefused } from "./unless_refused.ts";

/** So far clocks may differ, in milliseconds. */
const TOLERANCE = 60_000;

/**
 * Finds what is wrong with the files of a store, and changes nothing.
 *
 * @param hasTime Whether to look, for some seconds, who holds the locks that are there.
 */
export async function examine(
  runtime: Runtime,
  place: StorePlace,
  hasTime: boolean,
): Promise<Finding[]> {
  const { fs, join } = runtime;
  const findings = new Findings();
  const { find } = findings;
  const { path } = place;
  const look = (path: string): FileInfo | undefined => {
    try {
      return fs.stat(path);
    } catch (error) {
      findUnreadable(path, error, "looked at", find);
      return undefined;
    }
  };
  const file = unlessRefused(() => realFile(runtime, path)) ?? path;
  if (file !== path) {
    examineLink(path, file, unlessRefused(() => fs.stat(file)) !== undefined, find);
  }
  const directory = join(file, "..");
  const around = look(directory);
  if (around?.kind !== "directory") {
    if (around) findNoDirectory(directory, find);
    else examineWay(runtime, directory, find);
    return findings.all;
  }
  examineAccess(accessFaults(runtime, place), find);
  let there: FileInfo | undefined;
  try {
    there = fs.stat(file);
  } catch (error) {
    // Then it is the directory that keeps us out of all that is in it.
    findUnreadable(directory, error, "looked into", find, around);
    return findings.all;
  }
  examineFile(file, there, false, find, () => {
    const registry = parseRegistry(readText(fs, file));
    if (registry) examineRegistry(file, registry, find);
    return registry !== undefined;
  });
  const metadata = metadataPath(file);
  examineFile(metadata, look(metadata), true, find, () => {
    const value = parseMetadata(readText(fs, metadata));
    if (value === "unknown") {
      find("metadata version", metadata, {
        what: "is of a version that this one does not know",
        meaning: "what is kept beside the current clients is not seen",
        advice: "update the library, or the program that has it built in",
      });
    } else if (value) examineMetadata(metadata, value, there === undefined, find);
    return value !== undefined;
  });
  if (!hasTime) return findings.all;
  try {
    await examineNames(runtime, file, directory, find);
  } catch (error) {
    findUnreadable(directory, error, "listed", find, around);
  }
  return findings.all;
}

function findUnreadable(
  path: string,
  error: unknown,
  what: string,
  find: Find,
  { uid, mode }: Partial<FileInfo> = {},
): void {
  const code = codeOf(error);
  const whose = uid === undefined || mode === undefined
    ? ""
    : `: it belongs to user ${uid}, mode ${mode.toString(8).padStart(4, "0")}`;
  find("unreadable", path, {
    what: `cannot be ${what} (${code})${whose}`,
    meaning: "programs find no client there, and cannot store one",
    advice: adviceFor(error, path),
  });
}

function findNoDirectory(path: string, find: Find): void {
  find("not a file", path, {
    what: "is no directory, where the directory of the clients belongs",
    meaning: "programs find no client there, and cannot store one",
    advice: `move it away: mv ${shellWord(path)} ${shellWord(`${path}.away`)}`,
  });
}

function examineLink(path: string, target: string, isThere: boolean, find: Find): void {
  if (isThere) {
    find("link", path, {
      what: `is a link to ${JSON.stringify(target)}`,
      meaning: "that file is read and replaced, and the link stays",
      advice: "nothing need be done",
    });
  } else findBrokenLink(path, target, find);
}

function findBrokenLink(path: string, target: string, find: Find): void {
  find("broken link", path, {
    what: `is a link to ${JSON.stringify(target)}, where nothing is`,
    meaning: "programs find no client there",
    advice: `mount or make what it leads to, or remove it: rm ${shellWord(path)}`,
  });
}

/** Where the directory is missing: whether a link on the way to it leads nowhere. */
function examineWay({ fs, join }: Runtime, directory: string, find: Find): void {
  for (let path = directory;;) {
    try {
      if (fs.stat(path)) return;
      const target = fs.readLink(path);
      if (target !== undefined) return findBrokenLink(path, target, find);
    } catch {
      return; // told of already
    }
    const above = join(path, "..");
    if (above === path) return;
    path = above;
  }
}

/** Looks at one file; `read` tells whether it could be parsed. */
function examineFile(
  file: string,
  info: FileInfo | undefined,
  isMetadata: boolean,
  find: Find,
  read: () => boolean,
): void {
  if (!info) return;
  if (info.kind !== "file") {
    return find("not a file", file, {
      what: info.kind === "directory" ? "is a directory" : "is no regular file",
      meaning: "it is never read or replaced, so nothing is found and nothing can be stored",
      advice: `move it away: mv ${shellWord(file)} ${shellWord(`${file}.away`)}`,
    });
  }
  if (info.mtime > Date.now() + TOLERANCE) {
    find("time", file, {
      what: `was changed in the future, at ${isoOf(info.mtime)}`,
      meaning:
        "a clock is wrong: clients may count as expired that are not, and the other way round",
      advice: "set the clock right, then write the file anew",
      isMendable: true,
    });
  }
  try {
    if (read()) return;
  } catch (error) {
    if (codeOf(error) !== "EILSEQ") return findUnreadable(file, error, "read", find, info);
  }
  find(isMetadata ? "metadata damaged" : "damaged", file, {
    what: isMetadata ? "is damaged" : "is damaged: it is no JSON object",
    meaning: isMetadata
      ? "what is kept beside the current clients is not seen"
      : "programs find no client there, and register anew",
    advice: "keep it aside, and rebuild it from what is whole of it",
    isMendable: true,
  });
}

function isoOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "an unknown time" : date.toISOString();
}
