/** Stores beside a peer's, each in a directory of its own. */
import { client, issuer } from "../clients.mjs";
import { awaited, compare } from "../pairs.mjs";

const { ours, theirs, count, rounds, batch } = JSON.parse(
  (globalThis.Deno?.args ?? globalThis.process.argv.slice(2))[0],
);

async function storing({ id, directory }) {
  const { open } = await import(`../peers/${id}.mjs`);
  const store = await open(directory);
  let change = 0;
  return awaited(() => {
    const n = change++ % count;
    return store.store(issuer(n), client(n, change));
  });
}

const result = await compare(await storing(ours), await storing(theirs), {
  rounds,
  batch,
});
console.log(JSON.stringify(result));
