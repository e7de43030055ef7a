import { commonSpelling } from "../core/issuer.ts";
import { sleep } from "../core/sleep.ts";
import type { FileInfo, Runtime } from "../runtime/runtime.ts";
import type { Finding } from "./finding.ts";
import { parseMetadata } from "./metadata.ts";
import { metadataPath, readText, realFile } from "./paths.ts";
import { codeOf } from "./private_file.ts";
import { entryOf, parseRegistry, type Registry } from "./registry.ts";

/** A lock that nobody has touched for longer than this is not held by a living process. */
const SEEN_FOR = 4500;

/** Finds what is wrong with the files of a store, and changes nothing. */
export async function examine(runtime: Runtime, path: string): Promise<Finding[]> {
  const { fs, join } = runtime;
  const findings: Finding[] = [];
  const find = (code: Finding["code"], path: string, what: string, advice: string) => {
    findings.push({ code, path, what, advice, isMendable: MENDABLE.includes(code) });
  };
  const look = (path: string): FileInfo | undefined => {
    try {
      return fs.stat(path);
    } catch (error) {
      find(
        "unreadable",
        path,
        `cannot be looked at (${codeOf(error)})`,
        "check its owner and mode",
      );
      return undefined;
    }
  };
  let file = path;
  try {
    file = realFile(runtime, path);
  } catch {
    look(path); // says what is in the way
  }
  if (file !== path) find("link", path, `is a link to "${file}"`, "nothing need be done");
  const directory = join(file, "..");
  const around = look(directory);
  if (!around) return findings;
  examineModes(directory, around, look(join(directory, "..")), "directory", find);
  const there = look(file);
  for (const one of [file, metadataPath(file)]) {
    const info = one === file ? there : look(one);
    if (!info) continue;
    if (info.kind !== "file") {
      find("not a file", one, "is no regular file, and is never read", "move it away");
    } else examineModes(one, info, around, "file", find);
  }
  if (there?.kind === "file") examineRegistry(file, () => readText(fs, file), find);
  examineMetadata(metadataPath(file), () => readText(fs, metadataPath(file)), find);
  try {
    await examineNames(runtime, file, directory, find);
  } catch (error) {
    find(
      "unreadable",
      directory,
      `cannot be listed (${codeOf(error)})`,
      "check its owner and mode",
    );
  }
  return findings;
}

const MENDABLE: readonly Finding["code"][] = [
  "mode",
  "damaged",
  "lock",
  "leftover",
  "metadata damaged",
];

type Find = (code: Finding["code"], path: string, what: string, advice: string) => void;

function examineModes(
  path: string,
  { mode, uid }: FileInfo,
  above: FileInfo | undefined,
  kind: "file" | "directory",
  find: Find,
): void {
  const right = kind === "file" ? 0o600 : 0o700;
  if (mode !== undefined && (mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, "0");
    const advice = kind === "file"
      ? "it is written anew with mode 0600; where that does not help, its file system keeps no modes: use another place"
      : `run: chmod ${right.toString(8)} "${path}"`;
    find(
      kind === "file" ? "mode" : "directory mode",
      path,
      `is open to others (mode ${shown})`,
      advice,
    );
  }
  // Below what is root's, anybody may have a place.
  if (uid !== undefined && above?.uid && uid !== above.uid) {
    const whose = uid === 0 ? "root" : "another user than the directory that it is in";
    find("owner", path, `belongs to ${whose}`, `run as root: chown ${above.uid} "${path}"`);
  }
}

function examineRegistry(file: string, read: () => string, find: Find): void {
  const registry = parsed(read, file, find);
  if (registry === undefined) return;
  if (registry === "damaged") {
    find(
      "damaged",
      file,
      "is no JSON object",
      "it is kept aside, and rebuilt from what is whole of it",
    );
    return;
  }
  for (const issuer of Object.keys(registry)) {
    if (!issuer.endsWith("/") || !entryOf(registry[commonSpelling(issuer)])) continue;
    const ids = [issuer, commonSpelling(issuer)].map((one) => entryOf(registry[one])?.client_id);
    find(
      "two spellings",
      file,
      `has the issuer "${commonSpelling(issuer)}" with and without a slash at its end (${
        ids.join(", ")
      })`,
      "remove the client that your program does not use: client-store remove ISSUER --client-id ID",
    );
  }
}

function parsed(read: () => string, file: string, find: Find): Registry | "damaged" | undefined {
  try {
    return parseRegistry(read()) ?? "damaged";
  } catch (error) {
    if (codeOf(error) === "EILSEQ") return "damaged";
    find("unreadable", file, `cannot be read (${codeOf(error)})`, "check its owner and mode");
    return undefined;
  }
}

function examineMetadata(file: string, read: () => string, find: Find): void {
  let metadata: ReturnType<typeof parseMetadata>;
  try {
    metadata = parseMetadata(read());
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    if (codeOf(error) !== "EILSEQ") {
      find("unreadable", file, `cannot be read (${codeOf(error)})`, "check its owner and mode");
      return;
    }
  }
  if (metadata === "unknown") {
    find(
      "metadata version",
      file,
      "is of a version that this one does not know, and is ignored",
      "update the library",
    );
  } else if (!metadata) {
    find(
      "metadata damaged",
      file,
      "is damaged: what is kept beside the current clients is not seen",
      "it is kept aside, and rebuilt from what is whole of it",
    );
  }
}

/** What lies beside the files: locks, what dead processes have left, copies that were kept aside. */
async function examineNames(
  { fs, join }: Runtime,
  file: string,
  directory: string,
  find: Find,
): Promise<void> {
  const stems = [file, metadataPath(file)].map((path) => path.slice(directory.length + 1));
  const own = fs.readDirectory(directory).filter((name) =>
    stems.some((stem) => name.startsWith(`${stem}.`))
  );
  const contentOf = (name: string) => {
    try {
      return fs.readTextFile(join(directory, name));
    } catch {
      return undefined;
    }
  };
  const held = own.filter((name) => /\.(lock|break|tmp)$/.test(name))
    .map((name) => [name, contentOf(name)] as const);
  if (held.length > 0) await sleep(SEEN_FOR);
  for (const [name, content] of held) {
    const now = contentOf(name);
    if (now === undefined && content !== undefined) continue; // somebody was at work
    const isLock = name.endsWith(".lock");
    const isStill = now === content;
    const what = isLock
      ? isStill ? "is a lock that nobody seems to hold any more" : "is held by a process that lives"
      : "was left by a process that ended early";
    if (!isLock && !isStill) continue;
    find(
      isStill ? isLock ? "lock" : "leftover" : "held",
      join(directory, name),
      what,
      isStill ? "the next change removes it" : "wait for that process",
    );
  }
  for (const name of own.filter((name) => name.includes(".corrupt-"))) {
    find(
      "copy",
      join(directory, name),
      "is what was damaged once, with all secrets in it",
      "look whether anything is missing, then delete it",
    );
  }
}
