// One replica of a small program: it needs a client at an issuer, and says which one it got, and how.
//   replica.ts <issuer>     DATABASE_URL names the database, STORE_KEY is 32 bytes in base64
import pg from "pg";
import { openPostgresClientStore } from "@oauth2/client-store/postgres";
import { resolveClient } from "@oauth2/client-store/registration";

const { DATABASE_URL, STORE_KEY = "" } = globalThis.process.env;
const [, , issuer] = globalThis.process.argv;
if (issuer === undefined) throw new TypeError("Usage: replica.ts <issuer>");

const pool = new pg.Pool({ connectionString: DATABASE_URL });
const key = Uint8Array.from(atob(STORE_KEY), (character) => character.charCodeAt(0));
const store = openPostgresClientStore({
  query: (text, values) => pool.query(text, values),
  encryption: { keys: [{ id: "2026-11", key }] },
  deadline: 10_000, // many of them start at once on a small machine
});

let requests = 0;
const { client } = await resolveClient(store, issuer, {
  clientMetadata: { client_name: "replica", redirect_uris: ["https://app.example/callback"] },
  fetch: (url, init) => {
    requests++;
    return fetch(url, init);
  },
});
const how = requests > 0 ? "registered" : "found";
console.log(JSON.stringify({ client_id: client.client_id, how }));
await pool.end();
