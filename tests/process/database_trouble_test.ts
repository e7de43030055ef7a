import { test } from "node:test";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import { postgresDrivers, redisDrivers } from "../support/databases.ts";
import { type Replica, startRegistrar, startReplica, until } from "../support/replicas.ts";
import { dataDirectory, redisBinary, startPostgres, startRedis } from "../support/servers.mjs";

const encryption = { keys: [{ id: "test", key: new Uint8Array(32).fill(7) }] };
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const databases = [
  { name: "PostgreSQL", url: process.env.TEST_POSTGRES_URL },
  { name: "Redis", url: process.env.TEST_REDIS_URL },
];

/** A store as another program has it, and a way to ask its server for anything. */
async function connect(url: string, tenant: string) {
  if (url.startsWith("redis:")) {
    const { send, end } = await redisDrivers.ioredis!(url);
    const ask = (...command: string[]) => send(command, "");
    return { store: openRedisClientStore({ send, tenant, encryption }), ask, end };
  }
  const { query, end } = await postgresDrivers.pg!(url);
  await migratePostgres({ query, deadline: 20_000 });
  const ask = (text: string) => query(text, []);
  return { store: openPostgresClientStore({ query, tenant, encryption }), ask, end };
}

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

type Connected = Awaited<ReturnType<typeof connect>>;
/** What happens to a server while replicas store. */
type Troubles = {
  [what: string]: (ask: (...command: string[]) => PromiseLike<unknown>) => PromiseLike<unknown>;
};

/** Lets 8 replicas store through each trouble: nothing acknowledged is lost, and all go on. */
async function survive(url: string, troubles: Troubles): Promise<string> {
  const tenant = "trouble";
  const { store, ask, end }: Connected = await connect(url, tenant);
  const replicas = Array.from(
    { length: 8 },
    (_, n) => startReplica(n, "store", url, [`replica${n}`, "1000000"], tenant),
  );
  const storedBy = ({ lines }: Replica) => lines.flatMap(({ stored }) => stored ? [stored] : []);
  const failures = () => replicas.flatMap(({ lines }) => lines.filter(({ failed }) => failed));
  const allGoOn = async (what: string) => {
    const before = replicas.map((replica) => storedBy(replica).length);
    const goesOn = (replica: Replica, n: number) => storedBy(replica).length > before[n]!;
    await until(() => replicas.every(goesOn), `every replica stores after ${what}`);
  };
  const codes = new Set<string | undefined>();
  try {
    await allGoOn("its start");
    for (const [what, trouble] of Object.entries(troubles)) {
      await trouble(ask as (...command: string[]) => PromiseLike<unknown>);
      await allGoOn(what);
    }
    for (const { child } of replicas) child.kill("SIGKILL");
    await Promise.all(replicas.map(({ ended }) => ended));
    for (const { failed, code } of failures()) {
      assertEquals(failed, "ClientStoreError");
      assert(typeof code === "string", "a failure has no code");
      codes.add(code);
    }
    assert(codes.size > 0, "nothing failed, so nothing was tried");
    assert(!codes.has("EIO"), "a failure says no more than that it is one");
    const stored = replicas.flatMap(storedBy);
    const known = new Map<string, object>();
    for (const issuer of new Set(stored.map(([issuer]) => issuer))) {
      known.set(issuer, (await store.registrations(issuer)).notes);
    }
    for (const [issuer, note] of stored) assert(note in known.get(issuer)!, `${note} is lost`);
    return `${stored.length} stored, none lost; failures: ${[...codes].sort().join(", ")}`;
  } finally {
    for (const { child } of replicas) child.kill("SIGKILL");
    await end();
  }
}

test("nothing stored is lost while PostgreSQL is cut off and read-only, and all go on", async (t) => {
  const server = await startPostgres();
  if (!server) return t.skip("no PostgreSQL");
  try {
    const survived = await survive(server.url, {
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

test("nothing stored is lost while Redis is cut off and its memory full, and all go on", async (t) => {
  if (!redisBinary()) return t.skip("no Redis");
  const server = await startRedis();
  try {
    const survived = await survive(server!.url, {
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

/** A small disk of its own; `undefined` where none can be mounted. */
function smallDisk(): string | undefined {
  const directory = dataDirectory("disk");
  try {
    const options = ["-t", "tmpfs", "-o", "size=160m,mode=777", "tmpfs", directory];
    execFileSync("mount", options, { stdio: "ignore" });
    return directory;
  } catch {
    rmSync(directory, { recursive: true });
    return undefined; // only root may, and not in every container
  }
}

/** Writes until there is no room left. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 2 ** 20; size >= 512;) {
      try {
        writeSync(file, new Uint8Array(size));
      } catch {
        size /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

test("nothing stored is lost while the disk of PostgreSQL is full, and all go on", async (t) => {
  const disk = smallDisk();
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
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  }
});
