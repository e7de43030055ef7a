/** Many stores at once beside a few that are made one after the other, in one process. */
import { client, issuer } from "../clients.mjs";
import { awaited, compare } from "../pairs.mjs";
import { open } from "../peers/client_store.mjs";

const { ours, theirs, atOnce, inTurn, rounds } = JSON.parse(
  (globalThis.Deno?.args ?? globalThis.process.argv.slice(2))[0],
);
const [together, alone] = [await open(ours), await open(theirs)];
let change = 0;

const result = await compare(
  awaited(() => {
    change++;
    const stores = Array.from(
      { length: atOnce },
      (_, n) => together.store(issuer(n), client(n, change)),
    );
    return Promise.all(stores);
  }),
  awaited(async () => {
    change++;
    for (let n = 0; n < inTurn; n++) {
      await alone.store(issuer(n), client(n, change));
    }
  }),
  { rounds, batch: 1 },
);
console.log(JSON.stringify(result));
