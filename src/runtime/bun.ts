/**
 * The adapter for Bun.
 *
 * @module
 */
import { join } from "node:path";
import type { FileInfo, FileSystem, Runtime } from "../runtime.ts";
import { nodeFileSystem } from "./node_file_system.ts";

export type { FileInfo, FileSystem, Runtime };

/**
 * Bun, as the core sees it.
 *
 * @example Open a store on Bun, without asking which runtime it is
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { bunRuntime } from "@oauth2/client-store/bun";
 *
 * const store = openClientStore({ runtime: bunRuntime, path: "/nowhere/registered.json" });
 * console.log(await store.lookup("https://auth.example")); // undefined
 * ```
 */
export const bunRuntime: Runtime = {
  name: "bun",
  env: (name) => process.env[name],
  join,
  fs: nodeFileSystem,
};
