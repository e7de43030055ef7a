import type { ClientStore } from "@oauth2/client-store";
import { createMemoryDocuments, openMemoryClientStore } from "@oauth2/client-store/memory";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import type { PostgresQuery } from "@oauth2/client-store/postgres";
import { openRedisClientStore, type RedisSend } from "@oauth2/client-store/redis";
import type { RemoteStoreOptions } from "@oauth2/client-store/redis";
import type { Documents } from "../../src/documents/documents.ts";
import { PostgresDocuments } from "../../src/postgres/postgres_documents.ts";
import { RedisDocuments } from "../../src/redis/redis_documents.ts";

/** A connection of a program to a database. */
export interface Connection {
  readonly documents: Documents;
  open(options: RemoteStoreOptions): ClientStore;
  /** All that the database holds, as text. */
  dump(): Promise<string>;
  end(): Promise<void>;
}

/** A database over one driver. */
export interface DatabaseKind {
  readonly name: string;
  /** Why it cannot be tried here. */
  readonly missing?: string;
  /** Connects to the server of the tests, or to another one. */
  connect(url?: string): Promise<Connection>;
}

const env = globalThis.process.env;
const isOnBun = "Bun" in globalThis;

// deno-lint-ignore no-explicit-any
const bun = (): any => (globalThis as any).Bun;

/** How each driver of PostgreSQL runs a statement, as the documentation says. */
export const postgresDrivers: {
  readonly [name: string]: (url: string) => Promise<{ query: PostgresQuery; end(): unknown }>;
} = {
  async pg(url) {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    pool.on("error", () => {}); // of idle connections: the next statement takes a new one
    return { query: (text, values) => pool.query(text, values), end: () => pool.end() };
  },
  async postgres(url) {
    const { default: postgres } = await import("postgres");
    const sql = postgres(url, { max: 4, onnotice: () => {} });
    return {
      query: (text, values) => sql.unsafe(text, values),
      end: () => sql.end({ timeout: 1 }),
    };
  },
  ...isOnBun && {
    "Bun.SQL": (url: string) => bunSql(url, {}),
    // What PgBouncer before 1.21 needs: Bun names its statements, the others do not.
    "Bun.SQL, unprepared": (url: string) => bunSql(url, { prepare: false }),
  },
};

function bunSql(url: string, options: { prepare?: boolean }) {
  const sql = new (bun().SQL)(url, { max: 4, ...options });
  return Promise.resolve({
    query: (text: string, values: string[]) => sql.unsafe(text, values),
    end: () => sql.close({ timeout: 1 }),
  });
}

/** How each driver of Redis sends a command, as the documentation says. */
export const redisDrivers: {
  readonly [name: string]: (url: string) => Promise<{ send: RedisSend; end(): unknown }>;
} = {
  async redis(url) {
    const { createClient } = await import("redis");
    const client = createClient({ url });
    client.on("error", () => {}); // it connects again by itself
    await client.connect();
    return { send: (args) => client.sendCommand(args), end: () => client.destroy() };
  },
  async ioredis(url) {
    const { Redis } = await import("ioredis");
    const redis = new Redis(url);
    redis.on("error", () => {}); // it connects again by itself
    return {
      send: ([name = "", ...rest]) => redis.call(name, ...rest),
      end: () => redis.disconnect(),
    };
  },
  ...isOnBun && {
    "Bun.RedisClient"(url: string) {
      const client = new (bun().RedisClient)(url);
      return Promise.resolve({
        send: ([name, ...rest]: string[]) => client.send(name, rest),
        end: () => client.close(),
      });
    },
  },
};

/** How each driver of a Redis Cluster sends a command, as the documentation says. */
export const redisClusterDrivers: typeof redisDrivers = {
  async "redis, cluster"(url) {
    const { createCluster } = await import("redis");
    const cluster = createCluster({ rootNodes: [{ url }] });
    cluster.on("error", () => {}); // it connects again by itself
    await cluster.connect();
    return {
      send: (args, key) => cluster.sendCommand(key, false, args),
      end: () => cluster.destroy(),
    };
  },
  async "ioredis, cluster"(url) {
    const { Cluster } = await import("ioredis");
    const cluster = new Cluster([url]);
    cluster.on("error", () => {}); // it connects again by itself
    return {
      send: ([name = "", ...rest]) => cluster.call(name, ...rest),
      end: () => cluster.disconnect(),
    };
  },
};

/** PostgreSQL over this driver. */
export function postgresOver(driver: string): DatabaseKind {
  return {
    name: `PostgreSQL over ${driver}`,
    ...env.TEST_POSTGRES_URL ? {} : { missing: "no PostgreSQL" },
    async connect(url = env.TEST_POSTGRES_URL ?? "") {
      const { query, end } = await postgresDrivers[driver]!(url);
      await migratePostgres({ query });
      return {
        documents: new PostgresDocuments(query, "public", 2000),
        open: (options) => openPostgresClientStore({ query, ...options }),
        async dump() {
          const answer = await query("select * from public.oauth_client_documents", []);
          return JSON.stringify("rows" in answer ? answer.rows : answer);
        },
        end: async () => void await end(),
      };
    },
  };
}

/** Redis over this driver. */
export function redisOver(driver: string): DatabaseKind {
  return {
    name: `Redis over ${driver}`,
    ...env.TEST_REDIS_URL ? {} : { missing: "no Redis" },
    async connect(url = env.TEST_REDIS_URL ?? "") {
      const { send, end } = await { ...redisDrivers, ...redisClusterDrivers }[driver]!(url);
      const options = { prefix: "ocs1", deadline: 2000, warn: () => {} };
      return {
        documents: new RedisDocuments(send, options),
        open: (options) => openRedisClientStore({ send, ...options }),
        async dump() {
          const keys = await send(["KEYS", "*:documents"], "") as string[];
          const all = keys.map(async (key) => [key, await send(["HGETALL", key], key)]);
          return JSON.stringify(
            await Promise.all(all),
            (_, value) => value instanceof Map ? [...value] : value,
          );
        },
        end: async () => void await end(),
      };
    },
  };
}

const inMemory: DatabaseKind = {
  name: "documents in memory",
  connect() {
    const documents = createMemoryDocuments();
    return Promise.resolve({
      documents,
      open: (options) => openMemoryClientStore({ documents, ...options }),
      dump: () =>
        Promise.resolve(JSON.stringify((documents as unknown as { texts(): string[] }).texts())),
      end: () => Promise.resolve(),
    });
  },
};

/** Every database over every driver that runs here. */
export const databases: readonly DatabaseKind[] = [
  inMemory,
  ...Object.keys(postgresDrivers).map(postgresOver),
  ...Object.keys(redisDrivers).map(redisOver),
];

/** Each database once. */
export const eachDatabase: readonly DatabaseKind[] = [
  inMemory,
  postgresOver("pg"),
  redisOver("redis"),
];
