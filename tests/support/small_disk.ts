import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { dataDirectory } from "./servers.mjs";

/** A small disk of its own, of so many megabytes; `undefined` where none can be mounted. */
export function smallDisk(size: number): string | undefined {
  const directory = dataDirectory("disk");
  try {
    const options = ["-t", "tmpfs", "-o", `size=${size}m,mode=777`, "tmpfs", directory];
    execFileSync("mount", options, { stdio: "ignore" });
    return directory;
  } catch {
    rmSync(directory, { recursive: true });
    return undefined; // only root may, and not in every container
  }
}

/** Writes until there is no room left. */
export function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 2 ** 20; size >= 512;) {
      try {
        writeSync(file, new Uint8Array(size));
      } catch {
        size /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Unmounts a disk that nothing uses any more. */
export function dropDisk(directory: string): void {
  execFileSync("umount", [directory]);
  rmSync(directory, { recursive: true });
}
