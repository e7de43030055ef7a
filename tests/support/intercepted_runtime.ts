import type { FileSystem, Runtime } from "@oauth2/client-store";

/** Told of each file operation before it is made; it may throw instead. */
export type OnOperation = (operation: keyof FileSystem, path: string) => void;

/** The same runtime, but every file operation is told of first. */
export function interceptedRuntime(runtime: Runtime, onOperation: OnOperation): Runtime {
  const fs = new Proxy(runtime.fs, {
    get(target, operation: keyof FileSystem) {
      return (...args: unknown[]) => {
        onOperation(operation, String(args[0]));
        return (target[operation] as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  const { name, env, join } = runtime;
  return { name, env, join, fs };
}

/** An error as an adapter throws it. */
export function posixError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
