// Several replicas of a program on one PostgreSQL, started at once on all three runtimes, register once
// at a real authorization server. Needs nothing but npm ci. Ends non-zero unless that holds.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { commandFor, run } from "../../tests/support/runtimes.mjs";
import { startPostgres } from "../../tests/support/servers.mjs";
import { startServer } from "../../tests/support/authorization_server.mjs";

const postgres = await startPostgres();
if (!postgres) throw new Error("There is no PostgreSQL on npm for this platform");
const authorization = await startServer({ DELAY: "500" });
const { issuer } = authorization;

const env = { DATABASE_URL: postgres.url, STORE_KEY: randomBytes(32).toString("base64") };
const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs one of the programs; resolves to what it printed, or ends with it. */
async function output(runtime, name, ...args) {
  const { code, output } = await run([...commandFor(runtime, file(name)), ...args], { env });
  if (code !== 0) throw new Error(`${name} on ${runtime} ended with ${code}:\n${output}`);
  return output;
}

try {
  console.log(`Authorization server: ${issuer}\n`);
  await output("node", "./migrate.ts");
  const replicas = ["node", "deno", "bun", "node", "deno", "bun"].map(async (runtime, n) => {
    const { client_id, how } = JSON.parse(await output(runtime, "./replica.ts", issuer));
    console.log(`replica ${n + 1}  ${runtime.padEnd(4)}  ${client_id}  ${how}`);
    return client_id;
  });
  const clients = new Set(await Promise.all(replicas));
  const { registrations } = await authorization.count();
  console.log(
    `\nThe server counted ${registrations} registration${registrations === 1 ? "" : "s"}.`,
  );
  if (registrations !== 1 || clients.size !== 1) process.exitCode = 1;
} finally {
  await authorization.close();
  await postgres.end();
}
