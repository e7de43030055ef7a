// One replica of a small program: it needs a client at an issuer, and says which one it got.
import pg from "pg";
import { openPostgresClientStore } from "@oauth2/client-store/postgres";

const { DATABASE_URL, ENCRYPTION_KEY = "", REGISTRATION_ENDPOINT = "", NAME } =
  globalThis.process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL });
const store = openPostgresClientStore({
  query: (text, values) => pool.query(text, values),
  encryption: {
    keys: [{ id: "2026-11", key: Uint8Array.from(atob(ENCRYPTION_KEY), (c) => c.charCodeAt(0)) }],
  },
  deadline: 10_000,
});

const { client_id } = await store.getOrRegister("https://auth.example", async () => {
  console.log(`${NAME}: registers`);
  const response = await fetch(REGISTRATION_ENDPOINT, { method: "POST" });
  return await response.json();
});
console.log(`${NAME}: has ${client_id}`);
await pool.end();
