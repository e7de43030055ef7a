import type { FileSystem, Runtime } from "@oauth2/client-store";
import { createMemoryRuntime, type MemoryRuntime } from "@oauth2/client-store/memory";

/** A change of names in a directory that a power cut may still undo. */
type Pending =
  | { kind: "put"; path: string; file: number }
  | { kind: "move"; from: string; to: string }
  | { kind: "drop"; path: string };

/**
 * A memory that remembers what is on its disk: contents count once flushed, names once their
 * directory is. {@linkcode afterPowerCut} gives every state that a cut may leave.
 */
export class Disk {
  readonly runtime: Runtime;
  readonly #names: Map<string, number> = new Map();
  readonly #contents: Map<number, { text: string; isFlushed: boolean }> = new Map();
  readonly #live: Map<string, number> = new Map();
  #pending: Pending[] = [];
  #last = 0;

  constructor(memory: MemoryRuntime) {
    for (const [path, text] of Object.entries(memory.files())) {
      this.#contents.set(++this.#last, { text, isFlushed: true });
      this.#names.set(path, this.#last);
      this.#live.set(path, this.#last);
    }
    const { name, env, join, fs } = memory;
    this.runtime = { name, env, join, fs: this.#recording(fs) };
  }

  /** A fresh memory for every combination of what was not flushed. */
  afterPowerCut(): MemoryRuntime[] {
    const survivors = new Map<string, MemoryRuntime>();
    for (let mask = 0; mask < 1 << this.#pending.length; mask++) {
      const names = new Map(this.#names);
      this.#pending.forEach((change, n) => {
        if (mask & (1 << n)) apply(change, names);
      });
      for (const unflushed of ["", "half"]) {
        const files = Object.fromEntries([...names].map(([path, id]) => {
          const { text, isFlushed } = this.#contents.get(id) ?? { text: "", isFlushed: true };
          return [path, isFlushed ? text : unflushed && text.slice(0, text.length / 2)];
        }));
        const key = JSON.stringify(files);
        const env = { HOME: "/home/u" };
        if (!survivors.has(key)) survivors.set(key, createMemoryRuntime({ env, files }));
      }
    }
    return [...survivors.values()];
  }

  #recording(fs: FileSystem): FileSystem {
    const live = this.#live;
    const change = (pending: Pending) => {
      this.#pending.push(pending);
      apply(pending, live);
    };
    return new Proxy(fs, {
      get: (target, name: keyof FileSystem) => (...args: never[]) => {
        const result = (target[name] as (...args: never[]) => unknown).apply(target, args);
        const [path, to] = args as string[] as [string, string];
        if (name === "createFile") {
          const data: unknown = args[1];
          const text = data instanceof Uint8Array ? new TextDecoder().decode(data) : String(data);
          this.#contents.set(++this.#last, { text, isFlushed: Boolean(args[3]) });
          change({ kind: "put", path, file: this.#last });
        } else if (name === "overwriteFile") {
          const content = this.#contents.get(live.get(path) ?? 0);
          if (content) Object.assign(content, { text: fs.readTextFile(path), isFlushed: false });
        } else if (name === "rename") change({ kind: "move", from: path, to });
        else if (name === "remove") change({ kind: "drop", path });
        else if (name === "flushDirectory") {
          // Everything that is tried here lies in one directory.
          for (const pending of this.#pending) apply(pending, this.#names);
          this.#pending = [];
        }
        return result;
      },
    });
  }
}

/** A lost predecessor leaves nothing to move or to drop. */
function apply(change: Pending, names: Map<string, number>): void {
  if (change.kind === "put") names.set(change.path, change.file);
  else if (change.kind === "drop") names.delete(change.path);
  else {
    const file = names.get(change.from);
    if (file === undefined) return;
    names.delete(change.from);
    names.set(change.to, file);
  }
}
