// What a deployment does once: creates the table of the store.
import pg from "pg";
import { migratePostgres } from "@oauth2/client-store/postgres";

const pool = new pg.Pool({ connectionString: globalThis.process.env.DATABASE_URL });
await migratePostgres({ query: (text, values) => pool.query(text, values) });
await pool.end();
