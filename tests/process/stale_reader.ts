// Looks up a client while another process replaces the file as fast as it can, and counts lookups
// that saw less than what a plain read had seen before them.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openClientStore } from "@oauth2/client-store";
import { node } from "../support/runtimes.mjs";

const [changes = "1000"] = globalThis.Deno?.args ?? process.argv.slice(2);
const ISSUER = "https://auth.example";
const directory = mkdtempSync(join(tmpdir(), "client-store-stale-"));
const path = join(directory, "registered.json");
const text = (n: number) => JSON.stringify({ [ISSUER]: { client_id: String(n).padStart(8, "0") } });
writeFileSync(path, text(0));

const writer = fileURLToPath(new URL("./fast_writer.mjs", import.meta.url));
const child = spawn(node, [writer, path, changes], { stdio: ["ignore", "inherit", "inherit"] });
let isOver = false;
const ended = new Promise((resolve) => child.once("close", resolve)).then(() => isOver = true);

const store = openClientStore({ path });
const look = async () => Number((await store.lookup(ISSUER))?.client_id);
const read = () => Number(JSON.parse(readFileSync(path, "utf8"))[ISSUER].client_id);
let lookups = 0;
let stale = 0;
while (!isOver) {
  for (let n = 0; n < 50; n++) {
    const before = read();
    const seen = await look();
    const after = read();
    lookups++;
    if (!(before <= seen && seen <= after)) stale++;
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
}
await ended;
if (await look() !== Number(changes)) stale++;
console.log(JSON.stringify({ changes: Number(changes), lookups, stale }));
rmSync(directory, { recursive: true });
