// One of many processes that use a store in a database: wants one client, then adds its notes to one entry.
//
//   remote_peer.mjs <peer> <url> <name> <how many notes>
//
// It says that it is ready, begins when it is told to, and says how often it registered and how many notes
// there are.
import { once } from "node:events";
import { open } from "../peers/remote.mjs";

const [peer, url, name, count] = process.argv.slice(2);
const store = await open[peer](url);
await store.count(); // it is connected
console.log("ready");
await once(process.stdin, "data");
let registrations = 0;
if (name !== "first") {
  await store.getOrRegister(async () => {
    registrations++;
    await new Promise((resolve) => setTimeout(resolve, 200)); // an authorization server answers
    return { client_id: name };
  });
}
for (let n = 0; n < Number(count); n++) await store.note(`${name}-${n}`, n);
console.log(JSON.stringify({ registrations, notes: await store.count() }));
process.exit(0);
