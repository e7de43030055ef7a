import { after, before, test } from "node:test";
import { postgresDrivers, postgresOver } from "../support/databases.ts";
import { statesContract } from "../support/documents_contract.ts";
import { hasPgBouncer, startPgBouncer } from "../support/pgbouncer.mjs";
import { registersOnce, startRegistrar, startReplica } from "../support/replicas.ts";
import { startPostgres } from "../support/servers.mjs";

const skip = hasPgBouncer() ? false : "no PgBouncer on the PATH";
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  bouncer = await startPgBouncer(postgres!.port);
});
after(async () => {
  await bouncer?.end();
  await postgres?.end();
});

for (const driver of Object.keys(postgresDrivers)) {
  const { connect } = postgresOver(driver);
  const name = `PostgreSQL over ${driver}, through PgBouncer in transaction mode`;
  statesContract({ name, connect, ...skip && { missing: skip } }, () => bouncer.url);
}

test("replicas register once through PgBouncer in transaction mode", { skip }, async () => {
  const registrar = await startRegistrar();
  const { end } = await postgresOver("pg").connect(bouncer.url);
  const request = ["https://auth.example", `${registrar.url}/bounced`] as const;
  const replicas = Array.from(
    { length: 6 },
    (_, number) =>
      startReplica(number, "register", bouncer.url, request, "bounced", {
        drivers: { bun: "Bun.SQL, unprepared" },
      }),
  );
  try {
    await registersOnce(registrar, replicas, "bounced");
  } finally {
    for (const { child } of replicas) child.kill("SIGKILL");
    registrar.close();
    await end();
  }
});
