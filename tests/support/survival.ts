import { assert, assertEquals } from "@std/assert";
import type { ClientStore } from "@oauth2/client-store";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import { postgresDrivers, redisClusterDrivers, redisDrivers } from "./databases.ts";
import { type Replica, type ReplicaOptions, startReplica, until } from "./replicas.ts";

const encryption = { keys: [{ id: "test", key: new Uint8Array(32).fill(7) }] };

/** A store as another program has it, and a way to ask its server for anything. */
export interface Connected {
  readonly store: ClientStore;
  /** Sends a command, or runs a statement. */
  ask(...command: string[]): PromiseLike<unknown>;
  end(): unknown;
}

/** Connects to a database as the replicas do: to Redis over this driver. */
export async function connect(
  url: string,
  tenant: string,
  driver = "ioredis",
): Promise<Connected> {
  if (url.startsWith("redis:")) {
    const { send, end } = await { ...redisDrivers, ...redisClusterDrivers }[driver]!(url);
    const ask = (...command: string[]) => send(command, "");
    return { store: openRedisClientStore({ send, tenant, encryption }), ask, end };
  }
  const { query, end } = await postgresDrivers.pg!(url);
  await migratePostgres({ query, deadline: 20_000 });
  const ask = (text = "") => query(text, []);
  return { store: openPostgresClientStore({ query, tenant, encryption }), ask, end };
}

/** What happens to a server while replicas store. */
export interface Troubles {
  readonly [what: string]: (
    ask: Connected["ask"],
    replicas: readonly Replica[],
  ) => PromiseLike<unknown>;
}

/**
 * Lets 8 replicas store through each trouble: nothing acknowledged is lost, and all go on. Where they
 * run is said in turn.
 */
export async function survive(
  url: string,
  troubles: Troubles,
  options: readonly ReplicaOptions[] = [{}],
): Promise<string> {
  const tenant = "trouble";
  const { store, ask, end } = await connect(url, tenant, options[0]?.drivers?.node);
  const replicas = Array.from(
    { length: 8 },
    (_, n) =>
      startReplica(
        n,
        "store",
        url,
        [`replica${n}`, "1000000"],
        tenant,
        options[n % options.length],
      ),
  );
  const storedBy = ({ lines }: Replica) => lines.flatMap(({ stored }) => stored ? [stored] : []);
  const failures = () => replicas.flatMap(({ lines }) => lines.filter(({ failed }) => failed));
  const allGoOn = async (what: string) => {
    const before = replicas.map((replica) => storedBy(replica).length);
    const goesOn = (replica: Replica, n: number) => storedBy(replica).length > before[n]!;
    await until(() => replicas.every(goesOn), `every replica stores after ${what}`)
      .catch((error) => {
        const stuck = replicas.flatMap((replica, n) => goesOn(replica, n) ? [] : { n, ...replica });
        const told = stuck.map(({ n, child, lines }) => [n, child.exitCode, lines.slice(-3)]);
        throw new Error(`${error.message}: ${JSON.stringify(told)}`);
      });
  };
  const codes = new Set<string | undefined>();
  try {
    await allGoOn("its start");
    for (const [what, trouble] of Object.entries(troubles)) {
      await trouble(ask, replicas);
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
