// One of many processes that use a store in a database: adds its notes to one entry, then wants one client.
//
//   remote_peer.mjs <peer> <url> <name> <how many> <when>      prints how often it registered;
// of no notes, the number of those that are there
import { pathToFileURL } from "node:url";

const [peer, url, name, count, start] = process.argv.slice(2);
const store = await (await import(
  pathToFileURL(import.meta.dirname + "/../peers/remote.mjs")
)).open[peer](url);
if (count === "0") {
  console.log(Object.keys(await store.get("notes")).length);
  process.exit(0);
}
await store.get("client"); // it is connected
await new Promise((resolve) => setTimeout(resolve, Number(start) - Date.now()));
let registrations = 0;
if (name !== "first" && !await store.get("client")) {
  registrations++;
  await new Promise((resolve) => setTimeout(resolve, 200)); // an authorization server answers
  await store.set("client", { client_id: name });
}
for (let n = 0; n < Number(count); n++) {
  const entry = await store.get("notes") ?? {};
  await store.set("notes", { ...entry, [`${name}-${n}`]: n });
}
console.log(registrations);
process.exit(0);
