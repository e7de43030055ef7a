/**
 * The adapter for Bun.
 *
 * `openClientStore` finds out by itself what it runs on: import this to name the runtime, such as for
 * a program that is bundled for it alone, or to wrap it in a test.
 *
 * @module
 */
import type { FileInfo, FileSystem, Owner, Runtime } from "./runtime.ts";
import { nodeRuntime } from "./node.ts";
import { infoOf } from "./node_stats.ts";

export type { FileInfo, FileSystem, Owner, Runtime };

const { statSync } = process.getBuiltinModule("node:fs");

/** Options, even the one against throwing, cost Bun a twentieth of a `stat`: all of a warm lookup. */
function stat(path: string): FileInfo | undefined {
  try {
    return infoOf(statSync(path));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Bun, as the core sees it.
 *
 * @example Open a store on Bun, without asking which runtime it is
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { bunRuntime } from "@oauth2/client-store/bun";
 *
 * const store = openClientStore({ runtime: bunRuntime, path: "/nowhere/registered.json" });
 * console.log(await store.lookup("https://auth.example")); // Prints: undefined
 * ```
 */
export const bunRuntime: Runtime = {
  ...nodeRuntime,
  name: "bun",
  fs: { ...nodeRuntime.fs, stat },
};
