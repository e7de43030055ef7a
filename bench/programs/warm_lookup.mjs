/** Lookups in a process that has looked up before, beside the runtime's own stat and beside conf. */
import { client, issuer } from "../clients.mjs";
import { awaited, compare, synchronous } from "../pairs.mjs";
import { open as openOurs } from "../peers/client_store.mjs";

const { directory, count, byHand, rounds, batch, withConf } = JSON.parse(
  (globalThis.Deno?.args ?? globalThis.process.argv.slice(2))[0],
);
const wanted = issuer(Math.floor(count / 2));
const options = { rounds, batch };
const { open } = await import(`../peers/${byHand}.mjs`);
const hand = open(directory);
const ours = openOurs(directory);
const found = await ours.lookup(wanted);
if (found?.client_id !== client(Math.floor(count / 2)).client_id) {
  throw new Error("Not found");
}

const lookups = awaited(() => ours.lookup(wanted));
const stat = await compare(lookups, synchronous(() => hand.stat()), options);
const first = await compare(
  awaited(() => openOurs(directory).lookup(wanted)),
  synchronous(() => hand.lookup(wanted)),
  options,
);
const hits = await compare(
  awaited(() =>
    ours.getOrRegister(wanted, () => {
      throw new Error("It is there");
    })
  ),
  lookups,
  options,
);
let conf;
if (withConf) {
  const { open: openConf } = await import("../peers/conf.mjs");
  const peer = openConf(directory);
  conf = await compare(
    synchronous(() => peer.lookup(wanted)),
    lookups,
    options,
  );
}
console.log(JSON.stringify({ stat, first, hits, conf }));
