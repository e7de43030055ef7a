import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import type { Host } from "./hosts.mjs";
import { commandFor } from "./runtimes.mjs";

const program = fileURLToPath(new URL("../process/shared_database_program.ts", import.meta.url));

/** The runtimes that replicas run on, in turn, and the driver of each database on each. */
const runtimes = ["node", "deno", "bun"] as const;
const drivers = {
  postgres: { node: "pg", deno: "postgres", bun: "Bun.SQL" },
  redis: { node: "redis", deno: "ioredis", bun: "Bun.RedisClient" },
};

/** What a replica prints. */
export interface Line {
  client_id?: string;
  stored?: [issuer: string, note: string];
  failed?: string;
  code?: string;
  warning?: string;
}

/** A replica, and what it has said. */
export interface Replica {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  /** Resolves to the exit code when it has ended. */
  readonly ended: Promise<number | null>;
}

/** Where a replica runs, and with what. */
export interface ReplicaOptions {
  /** The driver on each runtime, where it is another one. */
  readonly drivers?: { readonly [runtime in typeof runtimes[number]]?: string };
  /** The host that it runs on, where that is not this machine. */
  readonly host?: Host | undefined;
}

/** Starts the replica of this number: it does `what` with the two arguments that this takes. */
export function startReplica(
  number: number,
  what: "register" | "store",
  url: string,
  [first, second]: readonly [string, string],
  tenant: string,
  { drivers: others = {}, host }: ReplicaOptions = {},
): Replica {
  const runtime = runtimes[number % 3]!;
  const database = url.startsWith("redis:") ? "redis" : "postgres";
  const driver = others[runtime] ?? drivers[database][runtime];
  const [command = "", ...rest] = [...host?.command ?? [], ...commandFor(runtime, program)];
  const args = [what, database, driver, url, first, second, tenant]
    .map((argument) => host ? argument.replace("127.0.0.1", host.address) : argument);
  const child = spawn(command, [...rest, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, lines, ended };
}

/** Waits until it is so. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn === 6000) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A server that registers whoever asks, and holds the first request of each path up. */
export interface Registrar {
  readonly url: string;
  /** How often it was asked, by path. */
  readonly requests: ReadonlyMap<string, number>;
  /** Answers what it held up. */
  release(): void;
  close(): void;
}

/** Starts a registrar, which hosts other than this machine reach, too. */
export async function startRegistrar(): Promise<Registrar> {
  const requests = new Map<string, number>();
  const held: (() => void)[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const count = (requests.get(path) ?? 0) + 1;
    requests.set(path, count);
    const client_id = `client${path}-${count}`;
    const registration_client_uri = `https://auth.example/register${path}`;
    const client = { client_id, registration_client_uri, registration_access_token: "token" };
    const answer = () => response.end(JSON.stringify(client));
    if (count === 1) held.push(answer);
    else answer();
  }).listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    release: () => held.splice(0).forEach((answer) => answer()),
    close: () => (server.closeAllConnections(), server.close()),
  };
}

/** Holds replicas that have begun to register `name`, while its server waits, to one client for all. */
export async function registersOnce(
  registrar: Registrar,
  replicas: readonly Replica[],
  name: string,
): Promise<void> {
  await until(() => registrar.requests.size > 0, "somebody asks");
  registrar.release();
  await Promise.all(replicas.map(({ ended }) => ended));
  const found = replicas.map(({ lines }) => lines.map(({ client_id }) => client_id));
  assertEquals(found, replicas.map(() => [`client/${name}-1`]));
  assertEquals(registrar.requests.get(`/${name}`), 1);
}
