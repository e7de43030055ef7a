/**
 * What the core knows of the world: an environment, a way to join paths and a synchronous file
 * system. Every runtime gives the same through its adapter.
 *
 * @module
 */

/** What {@linkcode FileSystem.stat} tells of a file: enough to see whether it has changed. */
export interface FileInfo {
  /** Time of the last change of content, in milliseconds since the epoch; `NaN` where unknown. */
  readonly mtime: number;
  /** Time of the last change of content, name or mode, in milliseconds since the epoch; `NaN` where unknown. */
  readonly ctime: number;
  /** Length in bytes. */
  readonly size: number;
  /** Inode number; 0 where the file system has none. */
  readonly ino: number;
}

/**
 * The few synchronous operations that reading and changing `registered.json` need.
 *
 * Every failure is thrown as an `Error` whose `code` is the POSIX name of the error (`"ENOENT"`,
 * `"EACCES"`, …), whatever the runtime itself throws.
 */
export interface FileSystem {
  /** Describes what `path` leads to, following symbolic links; `undefined` when nothing is there. */
  stat(path: string): FileInfo | undefined;
  /** Reads where the symbolic link `path` points; `undefined` when it is no link or not there. */
  readLink(path: string): string | undefined;
  /** Names what the directory `path` holds. */
  readDirectory(path: string): string[];
  /** Reads the bytes of a file. */
  readFile(path: string): Uint8Array;
  /** Reads a file as UTF-8; malformed bytes become U+FFFD, a byte order mark stays. */
  readTextFile(path: string): string;
  /**
   * Creates a file exclusively (`EEXIST` if the name is taken, even by a dangling link), gives it
   * exactly `mode` whatever the umask, writes all of `data`, and with `flush` waits until it is on
   * disk. A failure after the creation leaves the file to the caller to remove.
   */
  createFile(path: string, data: string | Uint8Array, mode: number, flush: boolean): void;
  /** Writes `text` over the beginning of an existing file, without shortening it. */
  overwriteFile(path: string, text: string): void;
  /** Moves a file, replacing what has the name `to`, in one step. */
  rename(from: string, to: string): void;
  /** Removes a file. */
  remove(path: string): void;
  /** Creates one directory with exactly `mode`, whatever the umask. */
  makeDirectory(path: string, mode: number): void;
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
  /** Reads an environment variable; `undefined` when it is not set or may not be read. */
  env(name: string): string | undefined;
  /** Joins and normalizes path segments in the manner of the operating system. */
  join(...segments: string[]): string;
  /** The file system. */
  readonly fs: FileSystem;
  /** Lets the process end while the timer is pending; needed where timers are plain numbers. */
  unrefTimer?(timer: unknown): void;
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
