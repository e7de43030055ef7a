/**
 * What the core knows of the world: an environment, a way to join paths and a synchronous file
 * system. Every runtime gives the same through its adapter.
 *
 * @module
 */

/** Whose a file is; `undefined` where the system knows no owners, as Windows. */
export interface Owner {
  /** Number of the user. */
  readonly uid?: number | undefined;
  /** Number of the group. */
  readonly gid?: number | undefined;
}

/** What {@linkcode FileSystem.stat} tells of what stands at a path. */
export interface FileInfo extends Owner {
  /** Time of the last change of content, in milliseconds since the epoch; `NaN` where unknown. */
  readonly mtime: number;
  /** Time of the last change of content, name or mode, in milliseconds since the epoch; `NaN` where unknown. */
  readonly ctime: number;
  /** Length in bytes. */
  readonly size: number;
  /** Inode number; 0 where the file system has none. */
  readonly ino: number;
  /** What it is; `"other"` is a FIFO, a socket or a device, which is never opened. */
  readonly kind: "file" | "directory" | "other";
  /** Permission bits; `undefined` where the system has none, as Windows. */
  readonly mode?: number | undefined;
}

/**
 * The few synchronous operations that reading and changing `registered.json` need.
 *
 * Every failure is thrown as an `Error` whose `code` is the POSIX name of the error (`"ENOENT"`,
 * `"EACCES"`, …), whatever the runtime itself throws. Only regular files are read, written and
 * removed: anything else fails with `"EISDIR"` or, a FIFO, a socket or a device, `"EFTYPE"`, and
 * none of them is waited for.
 */
export interface FileSystem {
  /** Describes what `path` leads to, following symbolic links; `undefined` when nothing is there. */
  stat(path: string): FileInfo | undefined;
  /** Reads where the symbolic link `path` points; `undefined` when it is no link or not there. */
  readLink(path: string): string | undefined;
  /** Names what the directory `path` holds. */
  readDirectory(path: string): string[];
  /** Reads the bytes of a file, following symbolic links; `"EFBIG"` when it is larger than 64 MB. */
  readFile(path: string): Uint8Array;
  /** Reads as {@linkcode FileSystem.readFile}, as UTF-8; malformed bytes become U+FFFD, a byte order mark stays. */
  readTextFile(path: string): string;
  /**
   * Creates a file exclusively (`EEXIST` if the name is taken, even by a dangling link), gives it
   * `mode` whatever the umask, writes all of `data`, and with `flush` waits until it is on disk. A
   * failure after the creation leaves the file to the caller to remove.
   *
   * A file system that refuses the mode or cannot flush is no failure: {@linkcode FileSystem.stat}
   * tells the mode. A file that root creates is given to `owner`, if that is another user.
   */
  createFile(
    path: string,
    data: string | Uint8Array,
    mode: number,
    flush: boolean,
    owner?: Owner,
  ): void;
  /**
   * Writes `text` over the beginning of a file that holds exactly `known`, without shortening it;
   * `false` where it holds something else. A link is `"ELOOP"`, and one that takes the name meanwhile
   * costs nobody a file: what is written to is what was read.
   */
  overwriteFile(path: string, known: string, text: string): boolean;
  /** Moves a file, replacing the file or link that has the name `to`, in one step. */
  rename(from: string, to: string): void;
  /** Removes a file or a link; a directory is `"EISDIR"`. */
  remove(path: string): void;
  /** Creates one directory with `mode` and `owner` as {@linkcode FileSystem.createFile} does. */
  makeDirectory(path: string, mode: number, owner?: Owner): void;
  /**
   * Gives a file or directory exactly this mode and, where it is another's, this `owner`, which takes
   * root; a link is `"ELOOP"`, and nothing is led elsewhere by one. Unlike after
   * {@linkcode FileSystem.createFile} a refusal is a failure. Does nothing where the system has neither.
   * Where it is `known` what stands there, what has taken its place since is `"EPERM"`.
   */
  setAccess(path: string, mode: number, owner?: Owner, known?: FileInfo): void;
  /** Waits until the names in the directory are on disk; does nothing where the system cannot. */
  flushDirectory(path: string): void;
}

/**
 * A runtime as the core sees it: Deno, Bun, Node, or one in memory. The adapters are the entries
 * `./deno`, `./bun`, `./node` and `./memory`; `openClientStore({ runtime })` takes one.
 */
export interface Runtime {
  /** Name for messages, such as `"node"`. */
  readonly name: string;
  /** Number of the process: written into a lock for people, and never decided by. */
  readonly pid?: number | undefined;
  /** Reads an environment variable; `undefined` when it is not set or may not be read. */
  env(name: string): string | undefined;
  /** Joins and normalizes path segments in the manner of the operating system. */
  join(...segments: string[]): string;
  /** The file system. */
  readonly fs: FileSystem;
  /** Number of the user that the program runs as; `undefined` where there is none, or none is told. */
  userId?(): number | undefined;
  /** Lets the process end while the timer is pending; needed where timers are plain numbers. */
  unrefTimer?(timer: unknown): void;
  /**
   * Makes what carries a value along asynchronous calls, as `AsyncLocalStorage` does: with it a call
   * that would wait for itself is refused.
   */
  createAsyncLocal?():
    | { run<T>(value: unknown, callback: () => T): T; getStore(): unknown }
    | undefined;
}

/**
 * The runtime that the program runs on: what a first lookup needs at once, the rest when it is
 * needed. Any failure is thrown as it comes, for the adapter to explain.
 */
export interface CurrentRuntime extends Pick<Runtime, "env" | "join"> {
  /** Reads a regular file as UTF-8; `undefined` when nothing is there. Throws for a link. */
  readRegularFile(path: string): string | undefined | Promise<string | undefined>;
  /** Loads the adapter. */
  load(): Promise<Runtime>;
}
