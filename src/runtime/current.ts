import type { CurrentRuntime } from "./runtime.ts";

const separator = (platform = "") => platform.startsWith("win") ? "\\" : "/";

/** What is larger is left to the adapter, which says so. */
const MAX_SIZE = 64 * 1024 * 1024;

/** A path up to its last separator, and what comes after. */
function split(path: string): [directory: string, name: string] {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  return [path.slice(0, at), path.slice(at)];
}

/**
 * The runtime that this program runs on. What a first lookup needs is here, made of what is native
 * to it; the adapter loads when more is needed. Nothing touches `process` on Deno.
 */
export const currentRuntime: CurrentRuntime = "Deno" in globalThis
  ? onDeno()
  : "Bun" in globalThis
  ? onBun((globalThis as unknown as { Bun: BunFiles }).Bun)
  : typeof globalThis.process?.getBuiltinModule === "function"
  ? onNode()
  : nowhere();

function onDeno(): CurrentRuntime {
  const isGranted = (to: Deno.PermissionDescriptor) =>
    Deno.permissions.querySync(to).state === "granted";
  return {
    env: (name) => isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined,
    join: (...segments) => segments.join(separator(Deno.build.os)),
    readRegularFile(path) {
      const [directory, name] = split(path);
      if (!isGranted({ name: "read", path: directory })) throw new Deno.errors.NotCapable(path);
      // A listing says what is missing without an error, the first of which takes long.
      const found = Array.from(Deno.readDirSync(directory)).find((entry) => entry.name === name);
      if (!found) return undefined;
      if (!found.isFile || Deno.statSync(path).size > MAX_SIZE) {
        throw new Deno.errors.NotSupported(path);
      }
      return Deno.readTextFileSync(path);
    },
    load: async () => (await import("./deno.ts")).denoRuntime,
  };
}

function onNode(): CurrentRuntime {
  return {
    env: (name) => process.env[name],
    join: (...segments) => segments.join(separator(process.platform)),
    readRegularFile(path) {
      const fs = process.getBuiltinModule("node:fs");
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
      if (!O_NOFOLLOW) throw new TypeError("Windows opens what a link leads to");
      if (!fs.existsSync(path)) return undefined;
      const file = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK); // no wait for a FIFO
      try {
        const info = fs.fstatSync(file);
        if (!info.isFile() || info.size > MAX_SIZE) throw new TypeError("No regular file");
        return fs.readFileSync(file, "utf8");
      } finally {
        fs.closeSync(file);
      }
    },
    load: async () => (await import("./node.ts")).nodeRuntime,
  };
}

/** A browser, a worker at the edge; and a Node that is too old, which says so at once. */
function nowhere(): CurrentRuntime {
  const version = globalThis.process?.versions?.node;
  if (version !== undefined) {
    throw new TypeError(
      `@oauth2/client-store needs Node 20.16, 22.3 or later: this is v${version}`,
    );
  }
  const fail = (): never => {
    throw Object.assign(new Error("There is no file system here"), { code: "ENOSYS" });
  };
  return {
    env: (name) => globalThis.process?.env?.[name],
    join: (...segments) => segments.join(separator()),
    readRegularFile: fail,
    // deno-lint-ignore require-await
    load: async () => fail(),
  };
}

/** What Bun reads with before `node:fs` is loaded, which takes it longer than all of a lookup. */
interface BunFiles {
  file(path: string): { readonly size: number; text(): Promise<string> };
  Glob: new (pattern: string) => {
    scanSync(options: { cwd: string; dot: true; followSymlinks: false }): Iterable<string>;
  };
}

function onBun({ file, Glob }: BunFiles): CurrentRuntime {
  return {
    ...onNode(),
    async readRegularFile(path) {
      const [cwd, name] = split(path);
      const regularFiles = new Glob("*").scanSync({ cwd, dot: true, followSymlinks: false });
      const content = file(path);
      if (!Array.from(regularFiles).includes(name)) {
        if (content.size === 0) return undefined; // as of what is not there
        throw new TypeError(`No regular file: "${path}"`);
      }
      if (content.size > MAX_SIZE) throw new TypeError(`Too large: "${path}"`);
      const text = await content.text();
      // It would read UTF-16, too, where a letter takes two bytes.
      if (content.size >= 2 * text.length) throw new TypeError(`No UTF-8 in "${path}"`);
      return text;
    },
    load: async () => (await import("./bun.ts")).bunRuntime,
  };
}
