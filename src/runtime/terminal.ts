/** What a command is started with, and where it reads and writes: the same on every runtime. */
export interface Terminal {
  /** The arguments, without the runtime and the program. */
  readonly args: readonly string[];
  /** The width of the terminal that standard output is; `undefined` where it is none. */
  readonly columns: number | undefined;
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
  /** What the process ends with. */
  setExitCode(code: number): void;
  /** Calls back when the user interrupts; returns what ends that. */
  onInterrupt(callback: () => void): () => void;
}

/** The terminal of this process. Nothing touches `process` on Deno, whose first touch takes long. */
export const currentTerminal: () => Terminal = () => "Deno" in globalThis ? onDeno() : onNode();

function onDeno(): Terminal {
  const write = (stream: { writeSync(bytes: Uint8Array): number }, text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  };
  return {
    args: Deno.args,
    get columns() {
      return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
    },
    env(name) {
      const { state } = Deno.permissions.querySync({ name: "env", variable: name });
      return state === "granted" ? Deno.env.get(name) : undefined;
    },
    isTerminal: (stream) => Deno[stream].isTerminal(),
    write(text) {
      try {
        write(Deno.stdout, text);
        return Promise.resolve(true);
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) return Promise.resolve(false);
        throw error;
      }
    },
    writeError: (text) => Promise.resolve(write(Deno.stderr, text)),
    read: (until) => textFrom(chunksOf(Deno.stdin), until),
    setExitCode(code) {
      Deno.exitCode = code;
    },
    onInterrupt(callback) {
      Deno.addSignalListener("SIGINT", callback);
      return () => Deno.removeSignalListener("SIGINT", callback);
    },
  };
}

async function* chunksOf(stream: { read(into: Uint8Array): Promise<number | null> }) {
  const chunk = new Uint8Array(65_536);
  for (let length = await stream.read(chunk); length; length = await stream.read(chunk)) {
    yield chunk.slice(0, length);
  }
}

function onNode(): Terminal {
  const { argv, env, stdin, stdout, stderr } = process;
  return {
    args: argv.slice(2),
    get columns() {
      return stdout.isTTY ? stdout.columns : undefined;
    },
    env: (name) => env[name],
    isTerminal: (stream) => process[stream].isTTY === true,
    write: (text) => written(stdout, text),
    writeError: async (text) => void await written(stderr, text),
    read: (until) => textFrom(stdin, until),
    setExitCode(code) {
      process.exitCode = code;
    },
    onInterrupt(callback) {
      process.on("SIGINT", callback);
      return () => process.off("SIGINT", callback);
    },
  };
}

function written(stream: NodeJS.WritableStream, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Without a listener a pipe that nobody reads would end the process with a stack trace.
    const onError = () => {};
    stream.on("error", onError);
    stream.write(text, (error) => {
      if (!error) return resolve(true);
      if ((error as { code?: unknown }).code === "EPIPE") resolve(false);
      else reject(error);
    });
  });
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
