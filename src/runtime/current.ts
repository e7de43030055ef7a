import type { CurrentRuntime } from "./runtime.ts";

const separator = (platform: string) => platform.startsWith("win") ? "\\" : "/";

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
  : onNode();

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
      if (found && !found.isFile) throw new Deno.errors.NotSupported(path);
      return found && Deno.readTextFileSync(path);
    },
    load: async () => (await import("./deno.ts")).denoRuntime,
  };
}

function onNode(): CurrentRuntime {
  return {
    env: (name) => globalThis.process?.env[name],
    join: (...segments) => segments.join(separator(globalThis.process?.platform)),
    readRegularFile(path) {
      const fs = process.getBuiltinModule("node:fs");
      const { O_RDONLY, O_NOFOLLOW } = fs.constants;
      if (!O_NOFOLLOW) throw new TypeError("Windows opens what a link leads to");
      if (!fs.existsSync(path)) return undefined;
      const file = fs.openSync(path, O_RDONLY | O_NOFOLLOW);
      try {
        return fs.readFileSync(file, "utf8");
      } finally {
        fs.closeSync(file);
      }
    },
    load: async () => (await import("./node.ts")).nodeRuntime,
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
      const text = await content.text();
      // It would read UTF-16, too, where a letter takes two bytes.
      if (content.size >= 2 * text.length) throw new TypeError(`No UTF-8 in "${path}"`);
      return text;
    },
    load: async () => (await import("./bun.ts")).bunRuntime,
  };
}
