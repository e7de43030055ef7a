import type { FileSystem } from "./runtime.ts";

const FLAGS: { [permission: string]: string } = {
  FileSystemRead: "--allow-fs-read",
  FileSystemWrite: "--allow-fs-write",
};

/** The same file system, but what Node's permission model refuses has a POSIX code and names the flag. */
export function withPermissions(fs: FileSystem): FileSystem {
  const named = Object.entries(fs).map(([name, operation]) => [
    name,
    (...args: unknown[]) => {
      try {
        return (operation as (...args: unknown[]) => unknown)(...args);
      } catch (error) {
        throw coded(error, String(args[0]));
      }
    },
  ]);
  return Object.fromEntries(named);
}

function coded(error: unknown, path: string): unknown {
  const { code, permission = "" } = error as { code?: string; permission?: string };
  if (code !== "ERR_ACCESS_DENIED") return error;
  const flag = FLAGS[permission];
  const message = flag
    ? `"${path}" requires ${flag}`
    : `"${path}" is out of reach with --permission`;
  return Object.assign(new Error(message), { code: "EACCES" });
}
