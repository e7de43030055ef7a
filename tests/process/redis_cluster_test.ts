import { after, before, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { redisClusterDrivers, redisOver } from "../support/databases.ts";
import { statesContract } from "../support/documents_contract.ts";
import { type Cluster, clusterTool, startRedisCluster } from "../support/redis_cluster.mjs";
import { registersOnce, startRegistrar, startReplica } from "../support/replicas.ts";
import { redisBinary, startRedis } from "../support/servers.mjs";
import { runMarked } from "../support/snippets.ts";
import { survive } from "../support/survival.ts";

const skip = !redisBinary()
  ? "no Redis on the PATH"
  : !clusterTool() && "no command line of Redis on the PATH, which makes a cluster";
const drivers = { node: "redis, cluster", deno: "ioredis, cluster", bun: "ioredis, cluster" };
let cluster: Cluster;

before(async () => {
  if (!skip) cluster = (await startRedisCluster())!;
});
after(async () => {
  await cluster?.end();
});

for (const driver of Object.keys(redisClusterDrivers)) {
  const { connect } = redisOver(driver);
  const missing = skip ? { missing: skip } : {};
  statesContract({ name: `Redis over ${driver}`, connect, ...missing }, () => cluster.url);

  test(`all keys of a tenant are in one slot, and tenants in several (${driver})`, {
    skip,
  }, async () => {
    const { documents, end } = await connect(cluster.url);
    const tenants = Array.from({ length: 20 }, (_, n) => `}{${n} ${driver}`);
    for (const tenant of tenants) {
      for (const issuer of ["https://auth.example", "https://{other}.example/}{"]) {
        await documents.write({ tenant, issuer }, "{}", undefined);
        await documents.lease({ tenant, issuer }, "holder", 60_000);
      }
    }
    const keys: string[] = cluster.masters.flatMap(cluster.keysOf);
    const slots = tenants.map((tenant) => {
      const own = keys.filter((key) => key.startsWith(`ocs1:{${encodeURIComponent(tenant)}}:`));
      assertEquals(own.length, 3);
      const [slot, ...others] = new Set(own.map(cluster.slotOf));
      assertEquals(others, []);
      return slot;
    });
    assert(new Set(slots).size > 10);
    await end();
  });
}

test("replicas on three runtimes register once in a cluster", { skip }, async () => {
  const registrar = await startRegistrar();
  const request = ["https://auth.example", `${registrar.url}/cluster`] as const;
  const replicas = Array.from(
    { length: 9 },
    (_, n) => startReplica(n, "register", cluster.url, request, "registered", { drivers }),
  );
  try {
    await registersOnce(registrar, replicas, "cluster");
  } finally {
    for (const { child } of replicas) child.kill("SIGKILL");
    registrar.close();
  }
});

test("nothing stored is lost while a slot moves and its master is killed, and all go on", {
  skip,
}, async (t) => {
  const key = "ocs1:{trouble}:documents";
  const survived = await survive(cluster.url, {
    "the slot of the tenant moved to another master": () => Promise.resolve(cluster.move(key)),
    async "the master of the tenant was killed and started again"() {
      const master = cluster.ownerOf(key);
      await master.stop("SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await master.start();
      // It comes back while others still say that it is gone: at first they believe each other.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await cluster.whole();
    },
  }, [{ drivers }]);
  t.diagnostic(survived);
});

test("the programs of the documentation run on Redis and on a cluster", { skip }, async () => {
  const page = "docs/more-than-one-machine.md";
  const STORE_KEY = btoa("k".repeat(32));
  await runMarked(page, "redis-cluster", { REDIS_CLUSTER_URL: cluster.url, STORE_KEY });
  const server = await startRedis();
  try {
    await runMarked(page, "redis", { REDIS_URL: server!.url, STORE_KEY });
  } finally {
    await server!.end();
  }
});
