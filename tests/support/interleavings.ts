import {
  type ClientStore,
  type FileSystem,
  openClientStore,
  type Runtime,
} from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { random } from "./random.ts";

/** What is on the disk. Contents are replaced and never changed, so a copy of the map is a copy. */
type Nodes = Map<string, object>;

/** What a process has done so far: enough to bring it there again. */
interface Trace {
  /** What each of its file operations has come to. */
  readonly steps: readonly { key: string; value?: unknown; error?: unknown }[];
  /** Before which of them it was stopped. */
  readonly stops: readonly number[];
  readonly state: "stopped" | "done" | "dead";
  /** What its act came to. */
  readonly told?: Awaited<ReturnType<Act>> | undefined;
  /** The same for the same steps and stops, and for no others. */
  readonly id: number;
}

/** One moment of one history. */
interface Moment {
  readonly nodes: Nodes;
  readonly traces: readonly Trace[];
  /** The issuers that a reader sees. */
  readonly seen: readonly string[];
  /** How it came about, for messages. */
  readonly story: readonly string[];
}

/** How far to go. */
export interface Limits {
  /** How often a process may be stopped, for good or until others are through. */
  readonly stops: number;
  readonly kills: number;
}

const HOME = "/home/u";
const DIRECTORY = `${HOME}/.config/ocamlgpt`;
const FILE = `${DIRECTORY}/registered.json`;
const FRESH = { steps: [], stops: [], state: "stopped", id: 0 } as const;
const BEGINNING = Date.now();
/** How long a stopped process sleeps, in milliseconds. */
const STOP = 2500;

const READS: readonly string[] = ["stat", "readLink", "readFile", "readTextFile", "readDirectory"];

/** What a process does: it resolves to the client that must then be found under an issuer. */
export type Act = (
  store: ClientStore,
  name: string,
) => Promise<{ issuer: string; client_id: string }>;

/** What a moment must not be. */
export class Violation extends Error {
  override readonly name: string = "Violation";
}

/**
 * Runs processes that each do the same through the real code, on one disk in memory, in every order
 * that differs in where one of them is stopped or killed.
 *
 * A process is not really stopped, which no runtime could do within one file operation: it runs to its
 * end, and each moment on the way is kept. Gone back to a moment, another process runs from there;
 * the first one then goes on by doing again what it did, its file operations answered from memory.
 * For that all that is not a file operation is made to repeat itself: clock, timers, chance.
 */
export class Interleavings {
  readonly #memory = createMemoryRuntime({ env: { HOME }, files: { [`${HOME}/.profile`]: "" } });
  readonly #count: number;
  readonly #act: Act;
  readonly #ids: Map<string, number> = new Map();
  readonly #followed: Set<number> = new Set();
  /** How many ends of histories were looked at. */
  ends = 0;
  /** How many moments were gone on from. */
  moments = 0;

  /** `act` must give each client the scope that is its `client_id`, so that metadata are seen to fit. */
  constructor(count: number, act: Act) {
    this.#count = count;
    this.#act = act;
  }

  /** Follows every history within the limits; throws the first {@linkcode Violation}. */
  async explore(limits: Limits): Promise<void> {
    await this.#follow(await this.#beginning(), limits, undefined);
  }

  /** Follows histories at random, for some time; throws the first {@linkcode Violation}. */
  async wander(milliseconds: number, seed: number): Promise<void> {
    const below = random(seed);
    const beginning = await this.#beginning();
    for (const started = performance.now(); performance.now() - started < milliseconds;) {
      let moment = beginning;
      let last: number | undefined;
      for (let left = 3 * this.#count;;) {
        const ready = moment.traces.flatMap(({ state }, n) => state === "stopped" ? [n] : []);
        if (ready.length === 0) break;
        const others = ready.filter((n) => n !== last);
        const n = last = others[below(others.length)] ?? ready[0] ?? 0;
        const { moments, end } = await this.#run(moment, n);
        const stopped = left-- > 0 && below(4) > 0 && moments[below(moments.length)];
        moment = stopped ? below(6) === 0 ? withState(stopped, n, "dead") : stopped : end;
        this.moments++;
      }
      await this.#end(moment);
    }
  }

  async #beginning(): Promise<Moment> {
    const store = openClientStore({ runtime: this.#memory });
    await store.store("https://old.example", { client_id: "old", scope: "old" });
    const traces = Array.from({ length: this.#count }, () => FRESH);
    const seen = ["https://old.example"];
    return { nodes: this.#copy(), traces, seen, story: [] };
  }

  async #follow(moment: Moment, limits: Limits, last: number | undefined): Promise<void> {
    const { stops, kills } = limits;
    const traces = moment.traces.map(({ state, told, id }) =>
      state === "stopped" ? id : [state, told]
    );
    const id = this.#idOf([this.#idOfNodes(moment.nodes), traces, stops, kills, last]);
    if (this.#followed.has(id)) return;
    this.#followed.add(id);
    this.moments++;
    const ready = moment.traces.flatMap(({ state }, n) => state === "stopped" ? [n] : []);
    if (ready.length === 0) return await this.#end(moment);
    // Whoever was just stopped sleeps until another one has run, if there is one.
    const others = ready.filter((n) => n !== last);
    for (const n of others.length > 0 ? others : ready) {
      const isAlone = ready.length === 1;
      const { moments, end } = await this.#run(moment, n);
      await this.#follow(end, limits, undefined);
      for (const stopped of moments) {
        if (limits.stops > 0 && !isAlone) {
          await this.#follow(stopped, { ...limits, stops: limits.stops - 1 }, n);
        }
        if (limits.kills > 0) {
          const killed = withState(stopped, n, "dead");
          await this.#follow(killed, { ...limits, kills: limits.kills - 1 }, undefined);
        }
      }
    }
  }

  /** Runs a process to its end; gives every moment on the way, and the one after. */
  async #run(from: Moment, n: number): Promise<{ moments: Moment[]; end: Moment }> {
    const { steps, stops, id: before } = from.traces[n] ?? FRESH;
    let id = this.#idOf([before, steps.length > 0]);
    this.#restore(from.nodes);
    const isResumed = steps.length > 0;
    const history = [...stops, ...(isResumed ? [steps.length] : [])];
    const made = [...steps];
    const moments: Moment[] = [];
    const clock = new VirtualTime(n);
    let { seen } = from;
    let at = 0;
    let known = new Map<string, string>();
    let told: Trace["told"];
    const here = (state: Trace["state"], what: string): Moment => ({
      nodes: this.#copy(),
      traces: from.traces.with(n, { steps: [...made], stops: history, state, told, id }),
      seen,
      story: [...from.story, `${n} ${what}`],
    });
    const step = <T>(name: string, path: string, operation: () => T): T => {
      if (history.includes(at)) clock.now += STOP;
      const replayed = steps[at++];
      const key = `${name} ${path}`;
      if (replayed) {
        // Not a Violation: then the test itself is not repeatable.
        if (replayed.key !== key) throw new Error(`Did ${replayed.key} before, now ${key}`);
        if (replayed.error !== undefined) throw replayed.error;
        return replayed.value as T;
      }
      const what = `stopped before ${name} of ${path.slice(path.lastIndexOf("/") + 1)}`;
      const isLook = READS.includes(name);
      if (!isLook) moments.push(here("stopped", what));
      const outcome = attempt(operation);
      const result = JSON.stringify(outcome.value ?? String(outcome.error));
      // To look again at what is as it was before makes no new history.
      if (isLook && known.get(key) !== result) moments.push(here("stopped", what));
      if (!isLook) {
        known = new Map();
        seen = this.#look(seen, [...from.story, `${n} ${what.replace("stopped before", "made")}`]);
      } else known.set(key, result);
      made.push({ key, ...outcome });
      id = this.#idOf([id, key, result]);
      if (outcome.error !== undefined) throw outcome.error;
      return outcome.value as T;
    };
    const error = await clock.during(async () => {
      // Whoever is stopped again and again may rightly find that its time is up.
      const runtime = this.#stepping(step);
      const store = openClientStore({ runtime, lockTimeout: 60_000 });
      try {
        told = await this.#act(store, `${n}`);
      } catch (error) {
        return error;
      }
    });
    const end = here("done", "done");
    if (error) throw new Violation(`${end.story.join(", ")}: ${error}`);
    return { moments, end };
  }

  /** A runtime whose file operations are steps; a file is created in one and written in another. */
  #stepping(step: <T>(name: string, path: string, operation: () => T) => T): Runtime {
    const { name, env, join, fs, write } = this.#memory;
    const stepping = new Proxy(fs, {
      get: (target, operation: keyof FileSystem) => (...args: unknown[]) => {
        const path = String(args[0]);
        const make = (...args: unknown[]) =>
          (target[operation] as (...args: unknown[]) => unknown).apply(target, args);
        if (operation !== "createFile") return step(operation, path, () => make(...args));
        const ino = step(operation, path, () => {
          make(path, "", ...args.slice(2));
          return fs.stat(path)?.ino;
        });
        step("writing", path, () => {
          // Who has a file open writes to it even if the name is gone, or another file's.
          if (fs.stat(path)?.ino === ino) write(path, args[1] as string);
        });
      },
    });
    return { name, env, join, fs: stepping };
  }

  /** What a reader sees must be whole, and have all that was seen before. */
  #look(seen: readonly string[], story: readonly string[]): readonly string[] {
    const text = this.#memory.fs.readTextFile(FILE);
    let now: string[];
    try {
      now = Object.keys(JSON.parse(text));
    } catch {
      throw new Violation(`${story.join(", ")}: a reader sees ${JSON.stringify(text)}`);
    }
    const gone = seen.filter((issuer) => !now.includes(issuer));
    if (gone.length > 0) throw new Violation(`${story.join(", ")}: ${gone} is gone`);
    return now;
  }

  /** All that was acknowledged is there, and the next store leaves nothing else. */
  async #end({ nodes, traces, story }: Moment): Promise<void> {
    this.ends++;
    this.#restore(nodes);
    const runtime = { ...this.#memory };
    // A dead holder may have announced that it needs more time than a store usually waits.
    const store = openClientStore({ runtime, lockTimeout: 60_000 });
    await new VirtualTime(this.#count).during(() =>
      store.store("https://last.example", { client_id: "last" })
    );
    for (const { told } of traces) {
      const found = told && await store.lookup(told.issuer);
      if (told?.client_id === found?.client_id && found?.scope === found?.client_id) continue;
      throw new Violation(
        `${story.join(", ")}: ${told?.client_id} is lost for ${JSON.stringify(found)}`,
      );
    }
    // The lock of a registration stays until somebody wants to register there.
    const names = this.#memory.fs.readDirectory(DIRECTORY)
      .filter((name) => !/\.[0-9a-f]{16}\.lock(\.break)?$/.test(name)).sort();
    if (names.join() !== "registered.json,registered.metadata.json") {
      throw new Violation(`${story.join(", ")}: left ${names}`);
    }
  }

  /** One number for all that is equal to this. */
  #idOf(value: unknown): number {
    const key = JSON.stringify(value);
    const id = this.#ids.get(key) ?? this.#ids.size + 1;
    this.#ids.set(key, id);
    return id;
  }

  #idOfNodes(nodes: Nodes): number {
    return this.#idOf([...nodes].map(([path, node]) => [path, textOf(node)]).sort());
  }

  get #nodes(): Nodes {
    return (this.#memory.fs as unknown as { nodes: Nodes }).nodes;
  }

  #copy(): Nodes {
    return new Map([...this.#nodes].map(([path, node]) => [path, { ...node }]));
  }

  #restore(nodes: Nodes): void {
    this.#nodes.clear();
    for (const [path, node] of nodes) this.#nodes.set(path, { ...node });
  }
}

/** Clock, timers and chance of one process, the same at every run. */
class VirtualTime {
  now = 0;
  readonly #name: number;

  constructor(name: number) {
    this.#name = name;
  }

  async during<T>(action: () => Promise<T>): Promise<T> {
    const real = {
      setTimeout: globalThis.setTimeout,
      now: performance.now,
      date: Date.now,
      random: Math.random,
      randomUUID: crypto.randomUUID,
      stackTraceLimit: Error.stackTraceLimit,
    };
    Error.stackTraceLimit = 0; // most of the time would go into telling where a file is missing
    let nonces = 0;
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, milliseconds: number) => {
        this.now += milliseconds;
        queueMicrotask(callback);
        return 0;
      },
    });
    performance.now = () => this.now;
    Date.now = () => BEGINNING + this.now;
    Math.random = () => 0.999;
    crypto.randomUUID = () =>
      `0000000${this.#name}-0000-4000-8000-${String(nonces++).padStart(12, "0")}` as const;
    try {
      return await action();
    } finally {
      globalThis.setTimeout = real.setTimeout;
      performance.now = real.now;
      Date.now = real.date;
      Math.random = real.random;
      crypto.randomUUID = real.randomUUID;
      Error.stackTraceLimit = real.stackTraceLimit;
    }
  }
}

function textOf(node: object): string {
  return "bytes" in node ? String.fromCharCode(...node.bytes as Uint8Array) : "";
}

function attempt<T>(operation: () => T): { value?: T; error?: unknown } {
  try {
    return { value: operation() };
  } catch (error) {
    return { error };
  }
}

function withState(moment: Moment, n: number, state: Trace["state"]): Moment {
  const trace = moment.traces[n] ?? FRESH;
  const story = moment.story.map((line, at) =>
    at === moment.story.length - 1 ? line.replace("stopped", "killed") : line
  );
  return { ...moment, traces: moment.traces.with(n, { ...trace, state }), story };
}
