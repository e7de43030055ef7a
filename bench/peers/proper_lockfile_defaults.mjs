import { open as openWith } from "./proper_lockfile.mjs";

export function open(directory) {
  return openWith(directory, {});
}
