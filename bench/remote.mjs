// Measures the store in a database against the same driver without it, on real servers of its own.
//
//   node --import tsx bench/remote.mjs
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

/** The median of the ratios of adjacent pairs, each of so many calls one after the other. */
async function ratio(ours, bare, { pairs = 40, calls = 50 } = {}) {
  const time = async (call) => {
    const started = performance.now();
    for (let n = 0; n < calls; n++) await call(n);
    return performance.now() - started;
  };
  await time(ours), await time(bare);
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

async function measure(name, { open, read, upsert, prepare }) {
  const show = (what, { median, low, high }) =>
    console.log(
      `${name}: ${what} ${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    );
  const store = open("default");
  await store.store(ISSUER, CLIENT);
  await prepare();
  show("lookup ÷ bare read", await ratio(() => store.lookup(ISSUER), read));
  const storing = (n) => store.store(ISSUER, { ...CLIENT, client_secret: `s${n}${Math.random()}` });
  show("store ÷ bare upsert", await ratio(storing, () => upsert(ISSUER)));

  const bare = await perSecond((worker) => upsert(`${ISSUER}/${worker}`), 100);
  // Every worker is a store of its own, as in a process of its own.
  const stores = Array.from({ length: WORKERS }, () => open("contended"));
  const contended = await perSecond(
    (worker, n) => stores[worker].note(ISSUER, { [`${worker}-${n}`]: n }),
    20,
  );
  const { notes } = await stores[0].registrations(ISSUER);
  const lost = WORKERS * 20 - Object.keys(notes).length;
  console.log(
    `${name}: ${WORKERS} workers on one issuer ${
      (contended / bare).toFixed(3)
    } of their bare upserts ` +
      `on ${WORKERS} issuers (${contended.toFixed(0)} and ${
        bare.toFixed(0)
      } a second), ${lost} updates lost`,
  );

  const many = open("many");
  for (let n = 0; n < 10_000; n += 100) {
    const issuers = Array.from(
      { length: 100 },
      (_, at) => `${ISSUER}/${n + at}`,
    );
    await Promise.all(issuers.map((issuer) => many.store(issuer, CLIENT)));
  }
  const started = performance.now();
  const { size } = await many.list();
  console.log(
    `${name}: list() of ${size} issuers ${(performance.now() - started).toFixed(0)} ms`,
  );
}

const postgres = await startPostgres({ settings: ["fsync=on"] });
const pool = new Pool({ connectionString: postgres.url, max: WORKERS });
const query = (text, values) => pool.query(text, values);
await migratePostgres({ query });
await query(
  "create table bare (tenant text, issuer text, document text, primary key (tenant, issuer))",
  [],
);
await measure("PostgreSQL", {
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
});
await pool.end();
await postgres.end();

const redis = await startRedis();
if (redis) {
  const client = await createClient({ url: redis.url }).connect();
  const send = (args) => client.sendCommand(args);
  await measure("Redis", {
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
  });
  client.destroy();
  await redis.end();
} else console.log("skipped: Redis, which has no server here");
