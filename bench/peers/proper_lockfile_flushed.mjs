import { open as openDirectory } from "node:fs/promises";
import { open as openUnflushed } from "./proper_lockfile.mjs";

/** With what ours promises: what was stored is there after a power cut. */
export function open(directory) {
  return openUnflushed(directory, undefined, async () => {
    const handle = await openDirectory(directory);
    await handle.sync();
    await handle.close();
  });
}
