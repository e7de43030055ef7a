/** What a command is started with, and where it reads and writes: the same on every runtime. */
export interface Terminal {
  /** The arguments, without the runtime and the program. */
  readonly args: readonly string[];
  /** The width of the terminal that standard output or error is; `undefined` where it is none. */
  columns(stream: "stdout" | "stderr"): number | undefined;
  /** An environment variable; `undefined` where it is not set or may not be read. */
  env(name: string): string | undefined;
  /** Tells whether standard input, output or error is a terminal. */
  isTerminal(stream: "stdin" | "stdout" | "stderr"): boolean;
  /** Writes to standard output; resolves to `false` when nobody reads it any more. */
  write(text: string): Promise<boolean>;
  /** Writes to standard error. */
  writeError(text: string): Promise<void>;
  /** Reads standard input: all of it, or up to the end of a line. */
  read(until: "end" | "line"): Promise<string>;
  /** Tells whether the runtime lets this process read a file at all. */
  mayRead(path: string): boolean;
  /** What the process ends with. */
  setExitCode(code: number): void;
  /** Calls back when the user interrupts; returns what ends that. */
  onInterrupt(callback: () => void): () => void;
}

/** The terminal of this process. Nothing touches `process` on Deno, whose first touch takes long. */
export const currentTerminal: () => Terminal = () =>
  "Deno" in globalThis ? onDeno() : onNode("Bun" in globalThis ? onBun() : onFiles());

function onDeno(): Terminal {
  const env = (name: string) => {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    if (state === "granted") return Deno.env.get(name);
    // This one it tells without a permission.
    return name === "NO_COLOR" && Deno.noColor ? "1" : undefined;
  };
  const write = (stream: { writeSync(bytes: Uint8Array): number }, text: string) => {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return false;
      throw error;
    }
  };
  return {
    args: Deno.args,
    columns: (stream) =>
      Deno[stream].isTerminal() ? widthOf(Deno.consoleSize().columns, env("COLUMNS")) : undefined,
    env,
    isTerminal: (stream) => Deno[stream].isTerminal(),
    write: (text) => Promise.resolve(write(Deno.stdout, text)),
    writeError: (text) => Promise.resolve(void write(Deno.stderr, text)),
    read: (until) => textFrom(chunksOf(Deno.stdin), until),
    mayRead: (path) => Deno.permissions.querySync({ name: "read", path }).state === "granted",
    setExitCode(code) {
      Deno.exitCode = code;
    },
    onInterrupt(callback) {
      Deno.addSignalListener("SIGINT", callback);
      return () => Deno.removeSignalListener("SIGINT", callback);
    },
  };
}

/** Some terminals, as that of `script`, do not know their width. */
function widthOf(columns: number | undefined, told: string | undefined): number {
  return [columns, Number(told)].find((width) => Number.isInteger(width) && Number(width) > 0) ??
    80;
}

async function* chunksOf(stream: { read(into: Uint8Array): Promise<number | null> }) {
  const chunk = new Uint8Array(65_536);
  for (let length = await stream.read(chunk); length; length = await stream.read(chunk)) {
    yield chunk.slice(0, length);
  }
}

/** Writes to standard output or error; resolves to `false` when nobody reads it any more. */
type Write = (text: string, stream: "stdout" | "stderr") => Promise<boolean>;

function onNode(write: Write): Terminal {
  return {
    args: process.argv.slice(2),
    columns(stream) {
      const { isTTY, columns } = process[stream];
      return isTTY ? widthOf(columns, process.env.COLUMNS) : undefined;
    },
    env: (name) => process.env[name],
    isTerminal: (stream) => process[stream].isTTY === true,
    write: (text) => write(text, "stdout"),
    writeError: async (text) => void await write(text, "stderr"),
    read: (until) => textFrom(process.stdin, until),
    mayRead: () => true,
    setExitCode(code) {
      process.exitCode = code;
    },
    onInterrupt(callback) {
      process.on("SIGINT", callback);
      return () => process.off("SIGINT", callback);
    },
  };
}

/** Its streams take Bun longer to load than all of a lookup. */
function onBun(): Write {
  const { Bun } = globalThis as unknown as {
    Bun: Record<"stdout" | "stderr", object> & { write(to: object, text: string): Promise<number> };
  };
  return async (text, stream) => {
    if (text === "") return true; // Bun would empty the file that standard output is
    try {
      await Bun.write(Bun[stream], text);
      return true;
    } catch (error) {
      if (isUnread(error)) return false;
      throw error;
    }
  };
}

/** Writes at once; what a pipe has no room for waits in the stream, which takes Node long to load. */
function onFiles(): Write {
  const { writeSync } = process.getBuiltinModule("node:fs");
  return (text, stream) => {
    const bytes = new TextEncoder().encode(text);
    const descriptor = stream === "stdout" ? 1 : 2;
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(descriptor, bytes, at);
      return Promise.resolve(true);
    } catch (error) {
      if (isUnread(error)) return Promise.resolve(false);
      if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
    }
    return writtenLater(process[stream], bytes.subarray(at));
  };
}

function writtenLater(stream: NodeJS.WritableStream, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Without a listener a pipe that nobody reads would end the process with a stack trace.
    stream.on("error", () => {});
    stream.write(bytes, (error) => {
      if (!error) return resolve(true);
      if (isUnread(error)) resolve(false);
      else reject(error);
    });
  });
}

/** Tells whether a write failed because nobody reads it any more. */
function isUnread(error: unknown): boolean {
  return (error as { code?: unknown }).code === "EPIPE";
}

async function textFrom(
  chunks: AsyncIterable<Uint8Array | string>,
  until: "end" | "line",
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (until === "line" && text.includes("\n")) break;
  }
  return text + decoder.decode();
}
