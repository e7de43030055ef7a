import { after, test } from "node:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Host, startHosts } from "../support/hosts.mjs";
import {
  registersOnce,
  type Replica,
  startRegistrar,
  startReplica,
  until,
} from "../support/replicas.ts";
import { dataDirectory, redisBinary, startPostgres, startRedis } from "../support/servers.mjs";
import { connect, survive } from "../support/survival.ts";

const hosts: Host[] = startHosts(2);
const addresses = ["127.0.0.1", ...hosts.map(({ address }) => address)];
const directories: string[] = [];
after(() => {
  for (const host of hosts) host.end();
  for (const directory of directories) rmSync(directory, { recursive: true });
});

const servers = {
  /** PostgreSQL that lets whoever reaches it in. */
  PostgreSQL() {
    const directory = dataDirectory("access");
    directories.push(directory);
    const access = join(directory, "pg_hba.conf");
    writeFileSync(access, "host all all all trust\n", { mode: 0o644 });
    return startPostgres({
      settings: [`listen_addresses=${addresses.join()}`, `hba_file=${access}`],
    });
  },
  Redis() {
    return startRedis({ settings: ["--bind", ...addresses, "--protected-mode", "no"] });
  },
};

for (const [name, start] of Object.entries(servers)) {
  const skip = hosts.length === 0
    ? "no network namespaces"
    : name === "Redis" && !redisBinary() && "no Redis on the PATH";

  test(`replicas on two hosts register once (${name})`, { skip }, async () => {
    const server = await start();
    const registrar = await startRegistrar();
    const { end } = await connect(server!.url, "hosts");
    const request = ["https://auth.example", `${registrar.url}/hosts`] as const;
    const replicas = Array.from(
      { length: 12 },
      (_, n) => startReplica(n, "register", server!.url, request, "hosts", { host: hosts[n % 2] }),
    );
    try {
      await registersOnce(registrar, replicas, "hosts");
    } finally {
      for (const { child } of replicas) child.kill("SIGKILL");
      registrar.close();
      await end();
      await server!.end();
    }
  });

  test(`nothing stored is lost while the link of one host is cut, and all go on (${name})`, {
    skip,
  }, async (t) => {
    const server = await start();
    try {
      const survived = await survive(server!.url, {
        async "the link of one host was cut for longer than the deadline"(_, replicas) {
          const on = (host: number) => replicas.filter((_, n) => n % 2 === host);
          const stored = ({ lines }: Replica) => lines.filter(({ stored }) => stored).length;
          const failures = ({ lines }: Replica) => lines.filter(({ failed }) => failed).length;
          hosts[1]!.cut();
          try {
            const before = on(0).map(stored);
            await until(() => on(1).every((one) => failures(one) > 1), "the host has failed");
            await until(
              () => on(0).every((one, n) => stored(one) > before[n]!),
              "the other host goes on",
            );
          } finally {
            hosts[1]!.mend();
          }
        },
      }, hosts.map((host) => ({ host })));
      t.diagnostic(survived);
    } finally {
      await server!.end();
    }
  });
}
