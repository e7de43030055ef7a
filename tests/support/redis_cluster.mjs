// A Redis Cluster of three masters for the tests, where Redis and its command line are on the PATH.
import { execFileSync } from "node:child_process";
import { freePort, redisBinary, startRedis, until } from "./servers.mjs";

/** The command line that came with the server, if it is there. */
export function clusterTool() {
  const tool = redisBinary()?.replace("-server", "-cli");
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return tool;
  } catch {
    return undefined;
  }
}

/** A port that leaves one for the bus of the cluster, which is 10,000 above it. */
async function portBelowBus() {
  for (;;) {
    const port = await freePort();
    if (port < 55_536) return port;
  }
}

/**
 * @typedef {NonNullable<Awaited<ReturnType<typeof startRedis>>>} Master
 * @typedef {{
 *   url: string,
 *   masters: readonly Master[],
 *   slotOf(key: string): string,
 *   keysOf(master: Master): string[],
 *   ownerOf(key: string): Master,
 *   move(key: string): void,
 *   whole(): Promise<void>,
 *   end(): Promise<unknown>,
 * }} Cluster
 */

/**
 * Starts a cluster; `undefined` where there is none to start.
 *
 * @returns {Promise<Cluster | undefined>}
 */
export async function startRedisCluster() {
  const tool = clusterTool();
  if (!tool) return;
  const masters = [];
  const end = () => Promise.all(masters.map((master) => master.end()));
  const ask = (master, ...command) =>
    execFileSync(tool, ["-p", String(master.port), ...command], { encoding: "utf8" }).trim();
  const isWhole = (master) => /cluster_state:ok/.test(ask(master, "cluster", "info"));
  const whole = () => until(() => masters.every(isWhole), masters[0].child, "the cluster");
  try {
    for (let number = 0; number < 3; number++) {
      const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
      masters.push(await startRedis({ port: await portBelowBus(), settings }));
    }
    const addresses = masters.map(({ port }) => `127.0.0.1:${port}`);
    execFileSync(tool, ["--cluster", "create", ...addresses, "--cluster-yes"], { stdio: "ignore" });
    await whole();
  } catch (error) {
    await end();
    throw error;
  }
  const slotOf = (key) => ask(masters[0], "cluster", "keyslot", key);
  const idOf = (master) => ask(master, "cluster", "myid");
  const keysOf = (master) => ask(master, "keys", "*").split("\n").filter(Boolean);
  const ownerOf = (key) => masters.find((master) => keysOf(master).includes(key));
  return {
    url: masters[0].url,
    masters,
    slotOf,
    keysOf,
    ownerOf,
    /** Moves the slot of this key to another master, with all that is in it. */
    move(key) {
      const slot = slotOf(key);
      const from = ownerOf(key);
      const to = masters.find((master) => master !== from);
      ask(to, "cluster", "setslot", slot, "importing", idOf(from));
      ask(from, "cluster", "setslot", slot, "migrating", idOf(to));
      for (let keys = [""]; keys.length > 0;) {
        keys = ask(from, "cluster", "getkeysinslot", slot, "100").split("\n").filter(Boolean);
        const args = ["migrate", "127.0.0.1", String(to.port), "", "0", "5000", "keys", ...keys];
        if (keys.length > 0) ask(from, ...args);
      }
      for (const master of [to, from, ...masters]) {
        ask(master, "cluster", "setslot", slot, "node", idOf(to));
      }
    },
    /** Resolves when every master says that the cluster is whole. */
    whole,
    end,
  };
}
