// Looks up a client in ever new stores while another process replaces it and its metadata, and counts
// lookups that found the client of one moment and the metadata of another.
import { spawn } from "node:child_process";
import { openClientStore } from "@oauth2/client-store";

const [path = "", ...command] = globalThis.Deno?.args ?? process.argv.slice(2);
const [executable = "", ...rest] = command;
const child = spawn(executable, rest, { stdio: "inherit" });
let isOver = false;
child.once("close", () => isOver = true);

let [lookups, mixed] = [0, 0];
const seen = new Set<string>();
while (!isOver) {
  for (let n = 0; n < 20; n++) {
    const client = await openClientStore({ path }).lookup("https://auth.example");
    if (!client) continue;
    lookups++;
    seen.add(client.client_id);
    const isTold = Number(client.client_id) % 2 === 0;
    if (client.scope !== (isTold ? client.client_id : undefined)) mixed++;
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
}
console.log(JSON.stringify({ lookups, mixed, seen: seen.size }));
