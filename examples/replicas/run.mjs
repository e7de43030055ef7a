// Several replicas of a program on one PostgreSQL register once. Needs nothing but npm ci.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { commandFor, run } from "../../tests/support/runtimes.mjs";
import { startPostgres } from "../../tests/support/servers.mjs";

const postgres = await startPostgres();
if (!postgres) throw new Error("There is no PostgreSQL on npm for this platform");

let registered = 0;
const authorization = createServer((_, response) => {
  response.statusCode = 201;
  response.end(JSON.stringify({ client_id: `client-${++registered}`, client_secret: "secret" }));
}).listen(0, "127.0.0.1");
await new Promise((resolve) => authorization.once("listening", resolve));

const env = {
  DATABASE_URL: postgres.url,
  ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  REGISTRATION_ENDPOINT: `http://127.0.0.1:${authorization.address().port}/register`,
};
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
try {
  const migration = await run(commandFor("node", file("./migrate.ts")), { env });
  process.stdout.write(migration.output);
  const replicas = ["node", "deno", "bun", "node", "deno", "bun"].map(async (runtime, n) => {
    const { code, output } = await run(commandFor(runtime, file("./replica.ts")), {
      env: { ...env, NAME: `replica ${n + 1} on ${runtime}` },
    });
    process.stdout.write(output);
    if (code !== 0) process.exitCode = 1;
  });
  await Promise.all(replicas);
  console.log(`${replicas.length} replicas, ${registered} registered with the server`);
  if (registered !== 1) process.exitCode = 1;
} finally {
  authorization.close();
  await postgres.end();
}
