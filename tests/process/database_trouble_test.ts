import { test } from "node:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { startRegistrar, startReplica, until } from "../support/replicas.ts";
import { redisBinary, startPostgres, startRedis } from "../support/servers.mjs";
import { dropDisk, fill, smallDisk } from "../support/small_disk.ts";
import { connect, survive, type Troubles } from "../support/survival.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A server that the tests have started. */
interface Server {
  start(): Promise<void>;
  stop(signal?: string): Promise<void>;
  pause(milliseconds: number): Promise<void>;
}

const databases = [
  { name: "PostgreSQL", url: process.env.TEST_POSTGRES_URL },
  { name: "Redis", url: process.env.TEST_REDIS_URL },
];

for (const { name, url = "" } of databases) {
  test(`21 holders that stall in their request adopt what others registered meanwhile (${name})`, {
    skip: url === "" && `no ${name}`,
  }, async () => {
    const registrar = await startRegistrar();
    const tenant = crypto.randomUUID();
    const { store, end } = await connect(url, tenant);
    const numbers = Array.from({ length: 21 }, (_, n) => n);
    const start = (n: number) => {
      const what = [`https://auth.example/${n}`, `${registrar.url}/${n}`] as const;
      return startReplica(n, "register", url, what, tenant);
    };
    const stalled = numbers.map(start);
    try {
      await until(() => registrar.requests.size === numbers.length, "every holder asks");
      for (const { child } of stalled) child.kill("SIGSTOP");
      const others = numbers.map(start);
      await Promise.all(others.map(({ ended }) => ended));
      registrar.release();
      for (const { child } of stalled) child.kill("SIGCONT");
      await Promise.all(stalled.map(({ ended }) => ended));
      for (const n of numbers) {
        assertEquals(registrar.requests.get(`/${n}`), 2);
        for (const { lines } of [others[n]!, stalled[n]!]) {
          const got = lines.flatMap(({ client_id }) => client_id ?? []);
          assertEquals(got, [`client/${n}-2`]);
        }
      }
      // What nobody uses is where it can be deleted at its server.
      const replaced = (await store.replaced()).map(({ client }) => client.client_id);
      assertEquals(replaced.sort(), numbers.map((n) => `client/${n}-1`).sort());
    } finally {
      for (const { child } of stalled) child.kill("SIGKILL");
      registrar.close();
      await end();
    }
  });
}

/** What happens to the process of a server. */
function troublesOf(server: Server): Troubles {
  return {
    async "it was stopped and started again"() {
      await server.stop();
      await pause(300);
      await server.start();
    },
    async "it was killed and started again"() {
      await server.stop("SIGKILL");
      await server.start();
    },
    "it hung for longer than the deadline": () => server.pause(3000),
  };
}

test("nothing stored is lost while PostgreSQL is cut off, down, slow and read-only, and all go on", async (t) => {
  const server = await startPostgres();
  if (!server) return t.skip("no PostgreSQL");
  try {
    const survived = await survive(server.url, {
      ...troublesOf(server),
      "its connections were cut": (ask) =>
        ask(`select pg_terminate_backend(pid) from pg_stat_activity
where pid <> pg_backend_pid() and backend_type = 'client backend'`),
      async "it was read-only"(ask) {
        await ask("alter system set default_transaction_read_only = on");
        await ask("select pg_reload_conf()");
        await pause(300);
        await ask("alter system reset default_transaction_read_only");
        await ask("select pg_reload_conf()");
      },
    });
    t.diagnostic(survived);
  } finally {
    await server.end();
  }
});

test("nothing stored is lost while Redis is cut off, down, slow and its memory full, and all go on", async (t) => {
  if (!redisBinary()) return t.skip("no Redis");
  const server = await startRedis();
  try {
    const survived = await survive(server!.url, {
      ...troublesOf(server!),
      "its connections were cut": (ask) => ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"),
      async "its memory was full"(ask) {
        await ask("CONFIG", "SET", "maxmemory", "1");
        await pause(300);
        await ask("CONFIG", "SET", "maxmemory", "0");
      },
    });
    t.diagnostic(survived);
  } finally {
    await server!.end();
  }
});

test("nothing stored is lost while the disk of PostgreSQL is full, and all go on", async (t) => {
  const disk = smallDisk(160);
  if (disk === undefined) return t.skip("no disk can be mounted");
  const server = await startPostgres({ data: disk, settings: ["max_wal_size=32MB"] });
  try {
    if (!server) return t.skip("no PostgreSQL");
    const survived = await survive(server.url, {
      async "its disk was full"() {
        fill(join(disk, "filler"));
        await pause(3000);
        rmSync(join(disk, "filler"));
        // It gives up where it has no room for its journal.
        // deno-lint-ignore no-explicit-any
        if ((server.child as any).exitCode !== null) await server.start();
      },
    });
    t.diagnostic(survived);
  } finally {
    await server?.end();
    dropDisk(disk);
  }
});

/** What Redis does where its disk is full: it ends, or refuses what it cannot write. */
const fullDisk = { always: /ECONN|CLOSED|ETIMEDOUT/, everysec: /MISCONF/ };

for (const [flushed, failures] of Object.entries(fullDisk)) {
  test(`nothing stored is lost while the disk of Redis is full, and all go on (appendfsync ${flushed})`, async (t) => {
    if (!redisBinary()) return t.skip("no Redis");
    const disk = smallDisk(1000);
    if (disk === undefined) return t.skip("no disk can be mounted");
    const settings = ["--appendfsync", flushed, "--auto-aof-rewrite-min-size", "32mb"];
    const server = await startRedis({ data: disk, settings });
    try {
      const survived = await survive(server!.url, {
        async "its disk was full"() {
          fill(join(disk, "filler"));
          await pause(3000);
          rmSync(join(disk, "filler"));
          // deno-lint-ignore no-explicit-any
          if ((server!.child as any).exitCode !== null) await server!.start();
        },
      });
      t.diagnostic(survived);
      assertMatch(survived, failures);
    } finally {
      await server!.end();
      dropDisk(disk);
    }
  });
}
