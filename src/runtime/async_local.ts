import type { Runtime } from "./runtime.ts";

/** Node's `AsyncLocalStorage`, which Deno and Bun have, too; `undefined` where nobody has it. */
export const createAsyncLocal: NonNullable<Runtime["createAsyncLocal"]> = () => {
  const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage<unknown>();
};
