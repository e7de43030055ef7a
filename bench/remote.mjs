// Measures the store in a database against the same driver without it, on real servers of its own.
//
//   node --import tsx bench/remote.mjs      prints the rows as JSON
import { fileURLToPath } from "node:url";
import { Pool } from "pg";
import { createClient } from "redis";
import { migratePostgres, openPostgresClientStore } from "../src/postgres/mod.ts";
import { openRedisClientStore } from "../src/redis/mod.ts";
import { startPostgres, startRedis } from "../tests/support/servers.mjs";
import { figure, shuffled } from "./pairs.mjs";

const ENCRYPTION = { keys: [{ id: "bench", key: new Uint8Array(32).fill(7) }] };
const CLIENT = { client_id: "abc123", client_secret: "s3cr3t" };
const ISSUER = "https://auth.example";
const WORKERS = 16;
const EACH = 100;

/** The median of the ratios of adjacent pairs, each of so many calls one after the other. */
export async function ratio(ours, bare, { pairs = 40, calls = 50 } = {}) {
  const time = async (call) => {
    const started = performance.now();
    for (let n = 0; n < calls; n++) await call(n);
    return performance.now() - started;
  };
  // Whoever has a database runs for days: what is compiled only after a while is compiled by then.
  for (let turn = 0; turn < 40; turn++) await time(ours), await time(bare);
  const ratios = [];
  for (let pair = 0; pair < pairs; pair++) {
    const times = new Map();
    for (const call of shuffled([ours, bare])) {
      times.set(call, await time(call));
    }
    ratios.push(times.get(ours) / times.get(bare));
  }
  return figure(ratios);
}

/** How many of these are done a second by all workers together. */
async function perSecond(work, each) {
  const started = performance.now();
  await Promise.all(Array.from({ length: WORKERS }, async (_, worker) => {
    for (let n = 0; n < each; n++) await work(worker, n);
  }));
  return WORKERS * each / (performance.now() - started) * 1000;
}

/** What one database comes to. */
async function measure(name, { open, read, upsert, prepare }, { quick }) {
  const size = quick ? { pairs: 10 } : {};
  const store = open("default");
  await store.store(ISSUER, CLIENT);
  await prepare();
  const lookup = await ratio(() => store.lookup(ISSUER), read, size);
  const storing = (n) => store.store(ISSUER, { ...CLIENT, client_secret: `s${n}${Math.random()}` });
  const stored = await ratio(storing, () => upsert(ISSUER), size);

  const shares = [];
  let lost = 0;
  for (let round = 0; round < (quick ? 2 : 6); round++) {
    const bare = await perSecond((worker) => upsert(`${ISSUER}/${worker}`), EACH);
    // Every worker is a store of its own, as in a process of its own.
    const stores = Array.from({ length: WORKERS }, () => open(`contended ${round}`));
    const contended = await perSecond(
      (worker, n) => stores[worker].note(ISSUER, { [`${worker}`]: n }),
      EACH,
    );
    shares.push(contended / bare);
    // Not timed: what is kept of each change makes the document grow.
    await perSecond((worker, n) => stores[worker].note(ISSUER, { [`${worker}-${n}`]: n }), 20);
    const { notes } = await stores[0].registrations(ISSUER);
    lost += WORKERS * 21 - Object.keys(notes).length;
  }

  return {
    name,
    lookup,
    stored,
    contention: figure(shares),
    lost,
  };
}

async function onPostgres({ url }, options) {
  const pool = new Pool({ connectionString: url, max: WORKERS });
  const query = (text, values) => pool.query(text, values);
  await migratePostgres({ query });
  await query(
    "create table bare (tenant text, issuer text, document text, primary key (tenant, issuer))",
    [],
  );
  try {
    return await measure("PostgreSQL", {
      open: (tenant) => openPostgresClientStore({ query, tenant, encryption: ENCRYPTION }),
      prepare: () =>
        query("insert into bare values ('default', $1, $2)", [
          ISSUER,
          "x".repeat(300),
        ]),
      read: () =>
        query("select document from bare where tenant = $1 and issuer = $2", [
          "default",
          ISSUER,
        ]),
      upsert: (issuer) =>
        query(
          "insert into bare values ('default', $1, $2) on conflict (tenant, issuer) do update set document = excluded.document",
          [issuer, "x".repeat(300)],
        ),
    }, options);
  } finally {
    await pool.end();
  }
}

async function onRedis({ url }, options) {
  const client = await createClient({ url }).connect();
  const send = (args) => client.sendCommand(args);
  try {
    return await measure("Redis", {
      open: (tenant) =>
        openRedisClientStore({
          send,
          tenant,
          encryption: ENCRYPTION,
          warn: () => {},
        }),
      prepare: () => send(["HSET", "bare", ISSUER, "x".repeat(300)]),
      read: () => send(["HGET", "bare", ISSUER]),
      upsert: (issuer) => send(["HSET", "bare", issuer, "x".repeat(300)]),
    }, options);
  } finally {
    client.destroy();
  }
}

/**
 * Measures each database that has a server here.
 *
 * @param {{ quick?: boolean }} options
 */
export async function measureRemote(options = {}) {
  const measured = [];
  for (
    const [start, on] of [[
      () => startPostgres({ settings: ["fsync=on"] }),
      onPostgres,
    ], [startRedis, onRedis]]
  ) {
    const server = await start();
    if (!server) continue;
    try {
      measured.push(await on(server, options));
    } finally {
      await server.end();
    }
  }
  return measured;
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await measureRemote({
    quick: process.argv.includes("--quick"),
  });
  console.log(JSON.stringify(measured, null, 2));
}
