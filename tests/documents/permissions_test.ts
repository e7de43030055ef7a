import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import type { ClientStore } from "@oauth2/client-store";
import { ClientStoreError } from "@oauth2/client-store";
import { migratePostgres, openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import { postgresDrivers, redisDrivers } from "../support/databases.ts";

const ISSUER = "https://auth.example";
const plain = { dangerouslyStorePlaintext: true, warn: () => {} };
const { TEST_POSTGRES_URL = "", TEST_REDIS_URL = "" } = globalThis.process.env;

/** Does everything that a store can do. */
async function useAll(store: ClientStore): Promise<void> {
  const { client_id } = await store.getOrRegister(ISSUER, () => ({ client_id: "one" }));
  await store.getOrRegister(ISSUER, () => ({ client_id: "two" }), { replace: client_id });
  await store.store(ISSUER, { client_id: "three" });
  await store.note(ISSUER, { seen: true });
  assertEquals((await store.lookup(ISSUER))?.client_id, "three");
  assertEquals((await store.list()).size, 1);
  assertEquals(await store.remove(ISSUER), true);
}

/** Finds every operation refused with this code. */
async function refusesAll(store: ClientStore, code: string): Promise<void> {
  for (
    const attempt of [
      () => store.lookup(ISSUER),
      () => store.list(),
      () => store.store(ISSUER, { client_id: "x" }),
      () => store.getOrRegister(ISSUER, () => ({ client_id: "x" })),
    ]
  ) {
    const error = await assertRejects(attempt, ClientStoreError, "may not");
    assertEquals(error.code, code);
  }
}

for (const driver of Object.keys(postgresDrivers)) {
  test(`a role that may select, insert and update is enough (${driver})`, {
    skip: TEST_POSTGRES_URL === "" && "no PostgreSQL",
  }, async () => {
    const role = `role_${crypto.randomUUID().replaceAll("-", "")}`;
    const { query, end } = await postgresDrivers[driver]!(TEST_POSTGRES_URL);
    await query(`create schema ${role}`, []);
    await migratePostgres({ query, schema: role });
    await query(`create role ${role} login`, []);
    await query(`grant usage on schema ${role} to ${role}`, []);
    const url = TEST_POSTGRES_URL.replace("postgres@", `${role}@`);
    const limited = await postgresDrivers[driver]!(url);
    try {
      const store = openPostgresClientStore({ ...plain, query: limited.query, schema: role });
      await refusesAll(store, "42501");
      const table = `${role}.oauth_client_documents`;
      await query(`grant select, insert, update on ${table} to ${role}`, []);
      await useAll(store);
    } finally {
      await limited.end();
      await end();
    }
  });
}

for (const driver of Object.keys(redisDrivers)) {
  test(`a user of Redis sees the tenant that its keys are of (${driver})`, {
    skip: TEST_REDIS_URL === "" && "no Redis",
  }, async () => {
    const user = `user-${crypto.randomUUID()}`;
    const { send, end } = await redisDrivers[driver]!(TEST_REDIS_URL);
    const commands = ["+hget", "+hset", "+hscan", "+get", "+set", "+del", "+eval"];
    const rights = ["on", ">password", `~ocs1:{${user}}:*`, ...commands];
    await send(["ACL", "SETUSER", user, "reset", ...rights], "");
    const url = TEST_REDIS_URL.replace("redis://", `redis://${user}:password@`);
    const limited = await redisDrivers[driver]!(url);
    try {
      const open = (tenant: string) =>
        openRedisClientStore({ ...plain, send: limited.send, tenant });
      await useAll(open(user));
      await refusesAll(open("other"), "NOPERM");
      await send(["ACL", "SETUSER", user, "-hset"], "");
      const write = () => open(user).store(ISSUER, { client_id: "x" });
      const error = await assertRejects(write, ClientStoreError, "may not");
      assertEquals(error.code, "NOPERM");
    } finally {
      await limited.end();
      await send(["ACL", "DELUSER", user], "");
      await end();
    }
  });
}
