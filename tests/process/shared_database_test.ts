import { after, before, test } from "node:test";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import { postgresDrivers, redisDrivers } from "../support/databases.ts";
import { until } from "../support/replicas.ts";
import { commandFor } from "../support/runtimes.mjs";
import { redisBinary, startPostgres, startRedis } from "../support/servers.mjs";

const ENCRYPTION = { keys: [{ id: "test", key: new Uint8Array(32).fill(7) }] };
const REPLICA = fileURLToPath(new URL("./shared_database_program.ts", import.meta.url));

/** What a replica has printed. */
interface Line {
  client_id?: string;
  stored?: [string, string];
  failed?: string;
  code?: string;
  started?: true;
  warning?: string;
}

function startProgram(runtime: string, args: string[]) {
  const [command = "", ...rest] = commandFor(runtime, REPLICA);
  const child = spawn(command, [...rest, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Line[] = [];
  let rest_ = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    const parts = (rest_ + data).split("\n");
    rest_ = parts.pop() ?? "";
    lines.push(...parts.map((line) => JSON.parse(line)));
  });
  const ended = new Promise<Line[]>((resolve) => child.once("close", () => resolve(lines)));
  return { child, lines, ended };
}

/** An authorization server that counts, and answers when it is told to. */
async function startCounting() {
  let requests = 0;
  let gate = Promise.resolve();
  const server = createServer(async (_, response) => {
    const client_id = `client-${++requests}`;
    await gate;
    response.end(JSON.stringify({ client_id, client_secret: "canary-secret" }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/register`,
    requests: () => requests,
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => open = resolve);
      return open;
    },
    end: () => (server.closeAllConnections(), server.close()),
  };
}

const kinds = [
  {
    name: "postgres",
    drivers: { node: "pg", deno: "postgres", bun: "Bun.SQL" },
    start: startPostgres,
    skip: false,
    async open(url: string, tenant: string) {
      const { query, end } = await postgresDrivers.pg!(url);
      await migratePostgres({ query, deadline: 20_000 });
      return { store: openPostgresClientStore({ query, tenant, encryption: ENCRYPTION }), end };
    },
  },
  {
    name: "redis",
    drivers: { node: "redis", deno: "ioredis", bun: "Bun.RedisClient" },
    start: startRedis,
    skip: redisBinary() ? false : "no Redis on the PATH",
    async open(url: string, tenant: string) {
      const { send, end } = await redisDrivers.redis!(url);
      return { store: openRedisClientStore({ send, tenant, encryption: ENCRYPTION }), end };
    },
  },
] as const;

for (const { name, drivers, start, open, skip } of kinds) {
  // deno-lint-ignore no-explicit-any
  let server: any;
  before(async () => server = await start());
  after(async () => await server?.end());
  const replica = (
    runtime: keyof typeof drivers,
    what: string,
    first: string,
    second: string,
    tenant: string,
  ) => startProgram(runtime, [what, name, drivers[runtime], server.url, first, second, tenant]);

  test(
    `24 replicas on three runtimes start at once and register once (${name})`,
    { skip },
    async () => {
      const authorization = await startCounting();
      const { end } = await open(server.url, "mixed");
      const replicas = Array.from({ length: 24 }, (_, n) =>
        replica(
          (["node", "deno", "bun"] as const)[n % 3]!,
          "register",
          "https://auth.example",
          authorization.url,
          "mixed",
        ));
      const lines = (await Promise.all(replicas.map(({ ended }) => ended))).flat();
      assertEquals(lines, Array.from({ length: 24 }, () => ({ client_id: "client-1" })));
      assertEquals(authorization.requests(), 1);
      await end();
      authorization.end();
    },
  );

  test(`a holder that is killed in its request is followed by another, which warns (${name})`, {
    skip,
  }, async () => {
    const authorization = await startCounting();
    const { end } = await open(server.url, "killed");
    const open_ = authorization.hold();
    const issuers = Array.from({ length: 20 }, (_, n) => `https://auth.example/${n}`);
    const holders = issuers.map((issuer) =>
      replica("bun", "register", issuer, authorization.url, "killed")
    );
    await until(() => authorization.requests() === 20, "every holder asks");
    for (const { child } of holders) child.kill("SIGKILL");
    await Promise.all(holders.map(({ ended }) => ended));
    open_();
    const next = issuers.map((issuer) =>
      replica("bun", "register", issuer, authorization.url, "killed")
    );
    for (const lines of await Promise.all(next.map(({ ended }) => ended))) {
      assertEquals(lines.filter(({ warning }) => warning?.includes("never stored")).length, 1);
      assertEquals(lines.filter(({ client_id }) => client_id).length, 1);
    }
    assertEquals(authorization.requests(), 40);
    await end();
    authorization.end();
  });

  const disturbances: { [what: string]: () => Promise<void> } = {
    "is stopped and started again": async () => {
      await server.stop();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.start();
    },
    "is killed and started again": async () => {
      await server.stop("SIGKILL");
      await server.start();
    },
    "hangs for longer than the deadline": async () => {
      await server.pause(3000);
    },
  };
  for (const [what, disturb] of Object.entries(disturbances)) {
    test(`what is stored while the server ${what} is not lost (${name})`, { skip }, async () => {
      const tenant = what;
      const { store, end } = await open(server.url, tenant);
      const runtimes = ["node", "bun", "node", "bun"] as const;
      const replicas = runtimes.map((runtime, n) =>
        replica(runtime, "store", `r${n}`, "150", tenant)
      );
      await until(() => replicas.every(({ lines }) => lines.length > 20), "every replica stores");
      await disturb();
      const lines = (await Promise.all(replicas.map(({ ended }) => ended))).flat();
      const failed = lines.filter(({ failed }) => failed);
      for (const { failed: name, code } of failed) {
        assertEquals(name, "ClientStoreError");
        assert(typeof code === "string", "with a code");
      }
      const stored = lines.flatMap(({ stored }) => stored ? [stored] : []);
      assert(stored.length > 80 && lines.at(-1)?.failed === undefined, "it works again");
      for (const [issuer, note] of stored) {
        const { notes } = await store.registrations(issuer);
        assert(note in notes, `${note} is lost`);
      }
      console.log(`${name}, ${what}: ${stored.length} stored, ${failed.length} failed, none lost`);
      await end();
    });
  }
}
