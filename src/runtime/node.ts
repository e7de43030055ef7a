/**
 * The adapter for Node.
 *
 * @module
 */
import { join } from "node:path";
import type { FileInfo, FileSystem, Runtime } from "../runtime.ts";
import { nodeFileSystem } from "./node_file_system.ts";

export type { FileInfo, FileSystem, Runtime };

/**
 * Node, as the core sees it.
 *
 * @example Open a store on Node, without asking which runtime it is
 * ```ts
 * import { openClientStore } from "@oauth2/client-store";
 * import { nodeRuntime } from "@oauth2/client-store/node";
 *
 * const store = openClientStore({ runtime: nodeRuntime, path: "/nowhere/registered.json" });
 * console.log(await store.lookup("https://auth.example")); // undefined
 * ```
 */
export const nodeRuntime: Runtime = {
  name: "node",
  env: (name) => process.env[name],
  join,
  fs: nodeFileSystem,
};
