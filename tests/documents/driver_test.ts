import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientStoreError } from "@oauth2/client-store";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import { postgresDrivers, redisDrivers } from "../support/databases.ts";

const ISSUER = "https://auth.example";
const CLIENT = { client_id: "abc123", client_secret: "s3cr3t" };
const plain = { dangerouslyStorePlaintext: true, warn: () => {} };

const forgetful = {
  PostgreSQL: openPostgresClientStore({ ...plain, query: (async () => {}) as never }),
  Redis: openRedisClientStore({ ...plain, send: async () => {} }),
};
for (const [name, store] of Object.entries(forgetful)) {
  test(`a function that forgets to return the answer of ${name} is told so`, async () => {
    for (
      const attempt of [
        () => store.lookup(ISSUER),
        () => store.list(),
        () => store.store(ISSUER, CLIENT),
        () => store.getOrRegister(ISSUER, () => CLIENT),
      ]
    ) await assertRejects(attempt, TypeError, `Cannot use ${name}`);
  });
}

const { TEST_POSTGRES_URL, TEST_REDIS_URL } = globalThis.process.env;

for (const driver of Object.keys(postgresDrivers)) {
  const skip = TEST_POSTGRES_URL ? false : "no PostgreSQL";

  test(`a schema may be named as PostgreSQL allows (${driver})`, { skip }, async () => {
    const { query, end } = await postgresDrivers[driver]!(TEST_POSTGRES_URL!);
    try {
      for (const odd of [' a"b', "A.b", "$1", "é'\\", ";--"]) {
        const schema = `${crypto.randomUUID()}${odd}`;
        const missing = await assertRejects(() => migratePostgres({ query, schema }));
        assert(missing instanceof ClientStoreError && missing.code === "3F000", `${missing}`);
        await query(`create schema "${schema.replaceAll('"', '""')}"`, []);
        const store = openPostgresClientStore({ ...plain, query, schema });
        const early = await assertRejects(() => store.lookup(ISSUER), ClientStoreError);
        assertEquals(early.code, "42P01");
        await migratePostgres({ query, schema });
        await store.store(ISSUER, { client_id: schema });
        assertEquals((await store.lookup(ISSUER))?.client_id, schema);
      }
    } finally {
      await end();
    }
  });

  test(
    `a version that cannot grow is an error, and changes nothing (${driver})`,
    { skip },
    async () => {
      const { query, end } = await postgresDrivers[driver]!(TEST_POSTGRES_URL!);
      try {
        await migratePostgres({ query });
        const tenant = crypto.randomUUID();
        const store = openPostgresClientStore({ ...plain, query, tenant });
        await store.store(ISSUER, CLIENT);
        const table = "public.oauth_client_documents";
        const most = "9223372036854775807";
        await query(`update ${table} set version = ${most} where tenant = $1`, [tenant]);
        const change = () => store.store(ISSUER, { client_id: "new" });
        assertEquals((await assertRejects(change, ClientStoreError)).code, "22003");
        assertEquals(await store.lookup(ISSUER), CLIENT);
        await query(`update ${table} set version = ${most} - 1 where tenant = $1`, [tenant]);
        await change();
        assertEquals(await store.lookup(ISSUER), { client_id: "new" });
      } finally {
        await end();
      }
    },
  );

  test(`an issuer that is too long for the index is an error (${driver})`, { skip }, async () => {
    const { query, end } = await postgresDrivers[driver]!(TEST_POSTGRES_URL!);
    try {
      await migratePostgres({ query });
      const store = openPostgresClientStore({ ...plain, query });
      const long = `${ISSUER}/${Array.from({ length: 99 }, () => crypto.randomUUID()).join("/")}`;
      let requests = 0;
      for (
        const attempt of [
          () => store.store(long, CLIENT),
          () => store.getOrRegister(long, () => (requests++, CLIENT)),
        ]
      ) {
        const error = await assertRejects(attempt, ClientStoreError, "too long");
        assertEquals(error.code, "54000");
      }
      assertEquals([requests, await store.lookup(long)], [0, undefined]);
    } finally {
      await end();
    }
  });
}

for (const driver of Object.keys(redisDrivers)) {
  test(`another one's key of the same name is an error (${driver})`, {
    skip: TEST_REDIS_URL ? false : "no Redis",
  }, async () => {
    const { send, end } = await redisDrivers[driver]!(TEST_REDIS_URL!);
    const tenant = crypto.randomUUID();
    const key = `ocs1:{${tenant}}:documents`;
    try {
      await send(["SET", key, "theirs"], key);
      const store = openRedisClientStore({ ...plain, send, tenant });
      for (
        const attempt of [
          () => store.lookup(ISSUER),
          () => store.list(),
          () => store.store(ISSUER, CLIENT),
          () => store.getOrRegister(ISSUER, () => CLIENT),
        ]
      ) {
        const error = await assertRejects(attempt, ClientStoreError, "give another prefix");
        assertEquals(error.code, "WRONGTYPE");
      }
      assertEquals(String(await send(["GET", key], key)), "theirs");
    } finally {
      await send(["DEL", key], key);
      await end();
    }
  });
}
