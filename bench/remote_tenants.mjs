// Measures what a lookup costs among many tenants, and list() of many issuers, on real servers.
//
//   node --import tsx bench/remote_tenants.mjs [--quick]      prints the rows as JSON
import { fileURLToPath } from "node:url";
import { Pool } from "pg";
import { createClient } from "redis";
import { KeySealing } from "../src/documents/sealing.ts";
import { createMemoryDocuments, openMemoryClientStore } from "../src/memory/mod.ts";
import { migratePostgres, openPostgresClientStore } from "../src/postgres/mod.ts";
import { openRedisClientStore } from "../src/redis/mod.ts";
import { startPostgres, startRedis } from "../tests/support/servers.mjs";
import { figure } from "./pairs.mjs";
import { ratio } from "./remote.mjs";

const ENCRYPTION = { keys: [{ id: "bench", key: new Uint8Array(32).fill(7) }] };
const ISSUER = "https://auth.example";
/** How many documents are made and sent at a time. */
const BATCH = 5000;
/** How many tenants one process looks up for in turn. */
const AT_WORK = 50;

/** A database with a bulk insert of documents, and stores in it. */
const databases = {
  async PostgreSQL() {
    const server = await startPostgres({ settings: ["fsync=on"] });
    if (!server) return;
    const pool = new Pool({ connectionString: server.url });
    const query = (text, values) => pool.query(text, values);
    await migratePostgres({ query });
    return {
      insert: (documents) =>
        query(
          `insert into public.oauth_client_documents (tenant, issuer, document, version)
select *, 1 from unnest($1::text[], $2::text[], $3::text[])`,
          ["tenant", "issuer", "text"].map((column) =>
            documents.map((document) => document[column])
          ),
        ),
      ready: () => query("vacuum analyze public.oauth_client_documents", []),
      open: (tenant) => openPostgresClientStore({ query, tenant, encryption: ENCRYPTION }),
      async end() {
        await pool.end();
        await server.end();
      },
    };
  },
  async Redis() {
    const server = await startRedis();
    if (!server) return;
    const client = await createClient({ url: server.url }).connect();
    const send = (args) => client.sendCommand(args);
    return {
      insert: (documents) =>
        Promise.all(
          documents.map(({ tenant, issuer, text }) =>
            send(["HSET", `ocs1:{${tenant}}:documents`, issuer, `1:${text}`])
          ),
        ),
      ready() {},
      open: (tenant) =>
        openRedisClientStore({ send, tenant, encryption: ENCRYPTION, warn: () => {} }),
      async end() {
        client.destroy();
        await server.end();
      },
    };
  },
};

/** What a store writes for one client, before it is sealed. */
async function plainDocument() {
  const documents = createMemoryDocuments();
  const store = openMemoryClientStore({ documents, dangerouslyStorePlaintext: true });
  await store.store(ISSUER, { client_id: "abc123", client_secret: "s3cr3t" });
  return (await documents.read({ tenant: "default", issuer: ISSUER })).text;
}

/** Inserts so many documents, as a store would have written them. */
async function fill(database, count, keyOf) {
  const sealing = new KeySealing(ENCRYPTION);
  const plain = await plainDocument();
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const sealed = Array.from({ length: size }, async (_, n) => {
      const key = keyOf(from + n);
      return { ...key, text: await sealing.seal(key, plain.replaceAll(ISSUER, key.issuer)) };
    });
    await database.insert(await Promise.all(sealed));
  }
  await database.ready();
}

/** Looks up for tenants that are picked evenly from so many, in turn. */
function lookups({ open }, tenants) {
  const stores = Array.from(
    { length: AT_WORK },
    (_, n) => open(`tenant${Math.floor(n * tenants / AT_WORK)}`),
  );
  return async (n) => {
    const found = await stores[n % AT_WORK].lookup(ISSUER);
    if (found?.client_id !== "abc123") throw new Error("a client was not found");
  };
}

/** The time that list() takes for each of so many issuers, in microseconds. */
async function perIssuer(database, issuers) {
  await fill(database, issuers, (n) => ({ tenant: "many", issuer: `${ISSUER}/${n}` }));
  const store = database.open("many");
  const times = [];
  for (let round = 0; round < 11; round++) {
    const started = performance.now();
    const { size } = await store.list();
    times.push((performance.now() - started) / issuers * 1000);
    if (size !== issuers) throw new Error(`${size} of ${issuers} issuers are listed`);
  }
  return figure(times.slice(1));
}

/** What one database comes to; `undefined` where there is none. */
async function measure(name, start, { quick }) {
  const started = [];
  const startWith = async (tenants) => {
    const database = await start();
    if (!database) return;
    started.push(database);
    await fill(database, tenants, (n) => ({ tenant: `tenant${n}`, issuer: ISSUER }));
    return database;
  };
  try {
    const one = await startWith(1);
    if (!one) return;
    const lookup = [];
    for (const tenants of quick ? [1000] : [1000, 100_000]) {
      const many = await startWith(tenants);
      const size = { pairs: quick ? 10 : 40, calls: 2 * AT_WORK };
      lookup.push({ tenants, ratio: await ratio(lookups(many, tenants), lookups(one, 1), size) });
    }
    const issuers = quick ? 1000 : 10_000;
    return { name, lookup, issuers, perIssuer: await perIssuer(one, issuers) };
  } finally {
    for (const database of started) await database.end();
  }
}

/**
 * Measures each database that has a server here.
 *
 * @param {{ quick?: boolean }} options
 */
export async function measureRemoteTenants(options = {}) {
  const measured = [];
  for (const [name, start] of Object.entries(databases)) {
    const found = await measure(name, start, options);
    if (found) measured.push(found);
  }
  return measured;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await measureRemoteTenants({ quick: process.argv.includes("--quick") });
  console.log(JSON.stringify(measured, null, 2));
}
