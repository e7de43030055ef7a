import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Runtime } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { bunRuntime } from "@oauth2/client-store/bun";
import { denoRuntime } from "@oauth2/client-store/deno";
import { nodeRuntime } from "@oauth2/client-store/node";
import { createWindowsRuntime } from "./windows_runtime.ts";

/** What some places have and some have not. */
export type Capability = "modes" | "links" | "special files" | "slashes";

/** A home directory to test in, on the real file system or in memory. */
export interface Place {
  readonly name: string;
  readonly runtime: Runtime;
  readonly home: string;
  /** Where `registered.json` belongs. */
  readonly file: string;
  write(path: string, data: string | Uint8Array): void;
  read(path: string): string;
  exists(path: string): boolean;
  mode(path: string): number;
  setMode(path: string, mode: number): void;
  link(target: string, path: string): void;
  /** Puts a FIFO there, or what stands for any such thing. */
  makeSpecial(path: string): void;
  /** Removes a file, if it is there. */
  remove(path: string): void;
  /** Removes an empty directory. */
  removeDirectory(path: string): void;
  /** The names in the directory of `registered.json`. */
  names(): string[];
  end(): void;
}

/** The runtime that the tests run on, with another home. */
export function realRuntime(env: Record<string, string>): Runtime {
  const runtime = "Deno" in globalThis
    ? denoRuntime
    : "Bun" in globalThis
    ? bunRuntime
    : nodeRuntime;
  const { name, join, fs } = runtime;
  return {
    name,
    join,
    fs,
    env: (variable) => env[variable],
    ...(runtime.userId && { userId: runtime.userId.bind(runtime) }),
    ...(runtime.unrefTimer && { unrefTimer: runtime.unrefTimer.bind(runtime) }),
  };
}

export function realPlace(): Place {
  const home = mkdtempSync(join(tmpdir(), "client-store-"));
  const file = join(home, ".config", "ocamlgpt", "registered.json");
  const directory = dirname(file);
  return {
    name: "real files",
    runtime: realRuntime({ HOME: home }),
    home,
    file,
    write(path, data) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, data);
    },
    read: (path) => readFileSync(path, "utf8"),
    exists: existsSync,
    mode: (path) => statSync(path).mode & 0o777,
    setMode: chmodSync,
    link(target, path) {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(target, path);
    },
    makeSpecial(path) {
      mkdirSync(dirname(path), { recursive: true });
      execFileSync("mkfifo", [path]);
    },
    remove: (path) => rmSync(path, { force: true }),
    removeDirectory: rmdirSync,
    names: () => existsSync(directory) ? readdirSync(directory).sort() : [],
    end() {
      chmodSync(home, 0o700);
      rmSync(home, { recursive: true });
    },
  };
}

export function memoryPlace(): Place {
  const home = "/home/u";
  const runtime = createMemoryRuntime({ env: { HOME: home }, files: { [`${home}/.profile`]: "" } });
  const file = `${home}/.config/ocamlgpt/registered.json`;
  const directory = dirname(file);
  return {
    name: "memory",
    runtime,
    home,
    file,
    write: runtime.write,
    read: (path) => runtime.fs.readTextFile(path),
    exists: (path) => runtime.mode(path) !== undefined,
    mode: (path) => runtime.mode(path) ?? 0,
    setMode: runtime.setMode,
    link: runtime.link,
    makeSpecial: runtime.makeSpecial,
    remove(path) {
      if (runtime.mode(path) !== undefined) runtime.fs.remove(path);
    },
    removeDirectory: runtime.removeDirectory,
    names: () => runtime.fs.stat(directory) ? runtime.fs.readDirectory(directory).sort() : [],
    end: () => {},
  };
}

export function windowsPlace(): Place {
  const home = "C:\\Users\\u";
  const runtime = createWindowsRuntime({ USERPROFILE: home });
  const { fs, join, write, makeSpecial } = runtime;
  write(join(home, "NTUSER.DAT"), "");
  const directory = join(home, ".config", "ocamlgpt");
  const none = (): never => {
    throw new Error("There is no such thing on Windows");
  };
  return {
    name: "as on Windows",
    runtime,
    home,
    file: join(directory, "registered.json"),
    write,
    read: (path) => fs.readTextFile(path),
    exists: (path) => fs.stat(path) !== undefined,
    mode: none,
    setMode: none,
    link: none,
    makeSpecial,
    remove(path) {
      if (fs.stat(path)) fs.remove(path);
    },
    removeDirectory: runtime.removeDirectory,
    names: () => fs.stat(directory) ? fs.readDirectory(directory).sort() : [],
    end: () => {},
  };
}

/** A kind of place, and what it has. */
export interface PlaceKind {
  readonly name: string;
  readonly has: ReadonlySet<Capability>;
  create(): Place;
}

const isOnWindows = globalThis.process.platform === "win32";

/** Tells whether real files have this here. */
export function realFilesHave(capability: Capability): boolean {
  return places.some(({ create, has }) => create === realPlace && has.has(capability));
}

/** Every kind of place that a behaviour must be the same in. */
export const places: readonly PlaceKind[] = [
  {
    name: "real files",
    // On Windows a link takes a privilege that few have.
    has: new Set<Capability>(isOnWindows ? [] : ["modes", "links", "special files", "slashes"]),
    create: realPlace,
  },
  {
    name: "memory",
    has: new Set<Capability>(["modes", "links", "special files", "slashes"]),
    create: memoryPlace,
  },
  {
    name: "as on Windows",
    has: new Set<Capability>(["special files"]),
    create: windowsPlace,
  },
];
