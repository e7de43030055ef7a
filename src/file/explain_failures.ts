import type { FileSystem } from "../runtime/runtime.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { shellWord } from "../core/shell_word.ts";
import { codeOf } from "./private_file.ts";

const ADVICE: { [code: string]: string } = {
  EACCES: "check its owner and mode",
  EPERM: "check its owner and mode, and whether another program has it open",
  EBUSY: "another program has it open, or it is mounted by itself: mount its directory instead",
  EROFS: "the file system is read-only; set XDG_CONFIG_HOME or path to a place that can be written",
  ENOSPC: "the disk is full; make room and try again",
  EDQUOT: "the disk quota is used up; make room and try again",
  EMFILE: "too many files are open; close some and try again",
  ENFILE: "too many files are open; close some and try again",
  EEXIST: "something is in its place, perhaps a link that leads nowhere; move it away",
  EISDIR: "it is a directory; move it away",
  ENOTEMPTY: "it is a directory; move it away",
  ENOTDIR: "a part of the path is no directory; move it away",
  EFTYPE: "it is no regular file; move it away",
  EFBIG: "it is larger than 64 MB, which no client store is; move it away",
  ELOOP: "its symbolic links lead in a circle, or one is where none may be; correct them",
  ENAMETOOLONG: "its name leaves no room for what lies beside it; use a shorter one",
  EIO: "the disk does not answer; check it and try again",
};

/** Where names are made and removed, it is the directory that decides. */
const DIRECTORY_ADVICE: { [code: string]: string } = {
  EACCES: "",
  EPERM: ", and whether another program has the file open",
};

/** What says which flag of the runtime would allow it, such as `--allow-fs-read`. */
const FLAG = /--allow-[a-z]+(?:-[a-z]+)*/;

/** What an operation is about, for what would allow it. */
type About = "what stands there" | "its name" | "its access" | "a directory" | "a new directory";

/** What to do about a failure of a file operation on `path`. */
export function adviceFor(
  error: unknown,
  path: string,
  about: About = "what stands there",
): string {
  const directory = directoryOf(path);
  const flag = FLAG.exec(String((error as { message?: unknown } | undefined)?.message))?.[0];
  if (flag) {
    const granted = about.endsWith("directory") ? path : directory;
    // Node takes a directory for all below it only with a slash at its end.
    const end = flag.startsWith("--allow-fs-") ? "/" : "";
    return `run with ${flag}=${shellWord(`${granted}${end}`)}`;
  }
  const code = codeOf(error);
  const isOfName = about === "its name" || about === "a new directory";
  const more = isOfName ? DIRECTORY_ADVICE[code] : undefined;
  if (more !== undefined) return `check the owner and mode of the directory "${directory}"${more}`;
  if (about === "its access" && /^E(PERM|ACCES)$/.test(code)) {
    return "only its owner and root may do that";
  }
  return ADVICE[code] ?? "try again";
}

/** The same file system, but what fails says what was attempted, what is the case, what to do. */
export function explainFailures(fs: FileSystem, attempt: string): FileSystem {
  const explain = <T>(verb: string, path: string, operation: () => T, about?: About): T => {
    try {
      return operation();
    } catch (cause) {
      const code = codeOf(cause);
      const advice = adviceFor(cause, path, about);
      const message = `${attempt}: cannot ${verb} "${path}" (${code}): ${advice}`;
      throw new ClientStoreError(message, { code, path, cause });
    }
  };
  return {
    stat: (path) => explain("read", path, () => fs.stat(path)),
    readLink: (path) => explain("read", path, () => fs.readLink(path)),
    readDirectory: (path) => explain("read", path, () => fs.readDirectory(path), "a directory"),
    readFile: (path) => explain("read", path, () => fs.readFile(path)),
    readTextFile: (path) => explain("read", path, () => fs.readTextFile(path)),
    createFile: (path, data, mode, flush, owner) =>
      explain("create", path, () => fs.createFile(path, data, mode, flush, owner), "its name"),
    overwriteFile: (path, known, text) =>
      explain("write", path, () => fs.overwriteFile(path, known, text)),
    rename: (from, to) => explain("replace", to, () => fs.rename(from, to), "its name"),
    remove: (path) => explain("remove", path, () => fs.remove(path), "its name"),
    makeDirectory: (path, mode, owner) =>
      explain(
        "create directory",
        path,
        () => fs.makeDirectory(path, mode, owner),
        "a new directory",
      ),
    setAccess: (path, mode, owner, known) =>
      explain(
        "change mode and owner of",
        path,
        () => fs.setAccess(path, mode, owner, known),
        "its access",
      ),
    flushDirectory: (path) => explain("flush", path, () => fs.flushDirectory(path), "a directory"),
  };
}

function directoryOf(path: string): string {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return at > 0 ? path.slice(0, at) : at === 0 ? "/" : ".";
}

/** The result of an operation on such a file system whose attempt is empty; a failure tells of this one. */
export function attributed<T>(attempt: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw withAttempt(attempt, error);
  }
}

/** The failure of such an operation, told as one of what was attempted. */
export function withAttempt(attempt: string, error: unknown): unknown {
  if (!(error instanceof ClientStoreError) || !error.message.startsWith(":")) return error;
  const { message, code, path, cause } = error;
  return new ClientStoreError(attempt + message, { code, path, cause });
}
