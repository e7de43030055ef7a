/** One of several processes that store at once: each its own issuers, one after the other. */
import { once } from "node:events";
import process from "node:process";
import { client, issuer } from "../clients.mjs";

const { id, directory, first, count } = JSON.parse(process.argv[2]);
const { open } = await import(`../peers/${id}.mjs`);
const store = await open(directory);
try {
  // What loads on the first store is not waiting for others. This client is not the one that counts.
  await store.store(issuer(first), client(first, 1));
} catch {
  // some fail where others store at the same time: those that count are counted below
}
console.log("ready");
await once(process.stdin, "data");
process.stdin.destroy();
const started = Date.now();
const stored = [];
let errors = 0;
let longest = 0;
for (let n = first; n < first + count; n++) {
  const from = performance.now();
  try {
    await store.store(issuer(n), client(n));
    stored.push(n);
  } catch {
    errors++;
  }
  longest = Math.max(longest, performance.now() - from);
}
console.log(
  JSON.stringify({ started, ended: Date.now(), stored, errors, longest }),
);
