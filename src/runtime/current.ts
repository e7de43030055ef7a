import type { CurrentRuntime } from "../runtime.ts";

/** The separator of the operating system, told without loading a path library. */
function separator(platform: string): string {
  return platform.startsWith("win") ? "\\" : "/";
}

/**
 * The runtime that this program runs on. Its adapter loads when it is first needed; the environment
 * is there at once, because the path of a store is. Nothing touches `process` on Deno.
 */
export const currentRuntime: CurrentRuntime = "Deno" in globalThis
  ? {
    environment: {
      env: (name) =>
        Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
          ? Deno.env.get(name)
          : undefined,
      join: (...segments) => segments.join(separator(Deno.build.os)),
    },
    load: async () => (await import("./deno.ts")).denoRuntime,
  }
  : {
    environment: {
      env: (name) => globalThis.process?.env[name],
      join: (...segments) => segments.join(separator(globalThis.process?.platform)),
    },
    load: async () =>
      "Bun" in globalThis
        ? (await import("./bun.ts")).bunRuntime
        : (await import("./node.ts")).nodeRuntime,
  };
