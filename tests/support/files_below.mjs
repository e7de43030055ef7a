import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file below a directory, by path within it. */
export function filesBelow(directory) {
  const files = {};
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    files[relative(directory, file).replaceAll("\\", "/")] = readFileSync(file);
  }
  return files;
}
