// One replica of a program: what it does is its first argument, and it prints what came of it as JSON.
//
//   shared_database_program.ts register <database> <driver> <url> <issuer> <registration endpoint> <tenant>
//   shared_database_program.ts store    <database> <driver> <url> <name> <how many> <tenant>
import { openPostgresClientStore } from "@oauth2/client-store/postgres";
import { openRedisClientStore } from "@oauth2/client-store/redis";
import { postgresDrivers, redisClusterDrivers, redisDrivers } from "../support/databases.ts";

const [what, database, driver = "", url = "", first = "", second = "", tenant = ""] = globalThis
  .process.argv.slice(2);
const options = {
  tenant,
  encryption: { keys: [{ id: "test", key: new Uint8Array(32).fill(7) }] },
  // Two cores start 24 processes: what is slow then is not the server.
  deadline: what === "register" ? 20_000 : 2000,
  warn: (message: string) => console.log(JSON.stringify({ warning: message })),
};
const { store, end } = database === "postgres"
  ? await postgresDrivers[driver]!(url).then(({ query, end }) => ({
    store: openPostgresClientStore({ query, ...options }),
    end,
  }))
  : await { ...redisDrivers, ...redisClusterDrivers }[driver]!(url).then(({ send, end }) => ({
    store: openRedisClientStore({ send, ...options }),
    end,
  }));

if (what === "register") {
  const client = await store.getOrRegister(first, async () => {
    const response = await fetch(second, { method: "POST" });
    return await response.json();
  });
  console.log(JSON.stringify({ client_id: client.client_id }));
} else {
  for (let n = 0; n < Number(second); n++) {
    const issuer = `https://auth.example/${n % 4}`; // contended by all
    const note = `${first}-${n}`;
    try {
      await store.note(issuer, { [note]: n });
      console.log(JSON.stringify({ stored: [issuer, note] }));
      await new Promise((resolve) => setTimeout(resolve, 5)); // what all have noted must stay small
    } catch (error) {
      const { name, code } = error as { name: string; code?: string };
      console.log(JSON.stringify({ failed: name, code }));
      await new Promise((resolve) => setTimeout(resolve, 50)); // an outage is not hammered at
    }
  }
}
await end();
globalThis.process.exit(0);
