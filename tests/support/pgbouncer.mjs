// PgBouncer for the tests, where it is on the PATH.
import { execFileSync, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accepts, dataDirectory, ended, freePort, nobody, until } from "./servers.mjs";

/** Whether there is one. */
export function hasPgBouncer() {
  try {
    execFileSync("pgbouncer", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts PgBouncer in transaction mode on a free port, in front of the PostgreSQL of this port. It has
 * fewer connections than its clients, so that the statements of one client meet on several.
 *
 * @param {number} postgres
 */
export async function startPgBouncer(postgres) {
  const directory = dataDirectory("pgbouncer");
  const port = await freePort();
  const settings = join(directory, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
postgres = host=127.0.0.1 port=${postgres} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_round_robin = 1
ignore_startup_parameters = extra_float_digits
`,
    { mode: 0o644 },
  );
  const child = spawn("pgbouncer", ["-q", settings], {
    ...nobody,
    cwd: directory,
    stdio: "ignore",
  });
  await until(() => accepts(port), child, "pgbouncer");
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async end() {
      child.kill("SIGKILL");
      await ended(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
