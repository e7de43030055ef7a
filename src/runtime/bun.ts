/**
 * The adapter for Bun.
 *
 * @module
 */
import type { FileInfo, FileSystem, Runtime } from "../runtime.ts";
import { nodeRuntime } from "./node.ts";

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
export const bunRuntime: Runtime = { ...nodeRuntime, name: "bun" };
