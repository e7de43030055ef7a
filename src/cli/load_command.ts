import type { Context } from "./context.ts";

/** Runs a command; resolves to the exit code. */
export type Run = (context: Context) => Promise<number>;

/** Loads what runs each command: nobody waits for what is not asked for. */
export const LOAD: { readonly [name: string]: () => Promise<Run> } = {
  list: async () => (await import("./list.ts")).list,
  show: async () => (await import("./show.ts")).show,
  get: async () => (await import("./get.ts")).get,
  register: async () => (await import("./register.ts")).register,
  store: async () => (await import("./store.ts")).store,
  verify: async () => (await import("./verify.ts")).verify,
  remove: async () => (await import("./remove.ts")).remove,
  prune: async () => (await import("./prune.ts")).prune,
  doctor: async () => (await import("./doctor.ts")).doctor,
  path: async () => (await import("./path.ts")).path,
  completion: async () => (await import("./completion.ts")).completion,
};
