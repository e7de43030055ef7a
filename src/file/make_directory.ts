import type { Runtime } from "../runtime/runtime.ts";
import { codeOf } from "./replace_file.ts";

/** Makes a directory and those above it that are missing, for their owner alone. */
export function makeDirectory(runtime: Runtime, path: string): void {
  const { fs, join } = runtime;
  if (fs.stat(path)) return;
  const parent = join(path, "..");
  try {
    fs.makeDirectory(path, 0o700);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && fs.stat(path)) return; // another process was faster
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    makeDirectory(runtime, parent);
    return makeDirectory(runtime, path);
  }
  try {
    fs.flushDirectory(parent);
  } catch {
    // the parent may be one that we may not read: then its own schedule must do
  }
}
