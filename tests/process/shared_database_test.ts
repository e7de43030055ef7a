import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { startRegistrar, startReplica, until } from "../support/replicas.ts";
import { connect } from "../support/survival.ts";

const databases = [
  { name: "PostgreSQL", url: process.env.TEST_POSTGRES_URL },
  { name: "Redis", url: process.env.TEST_REDIS_URL },
];

for (const { name, url = "" } of databases) {
  const skip = url === "" && `no ${name}`;

  test(`24 replicas on three runtimes start at once and register once (${name})`, {
    skip,
  }, async () => {
    const registrar = await startRegistrar();
    const tenant = crypto.randomUUID();
    await (await connect(url, tenant)).end(); // there is a table now
    const request = ["https://auth.example", `${registrar.url}/shared`] as const;
    const replicas = Array.from(
      { length: 24 },
      (_, n) => startReplica(n, "register", url, request, tenant),
    );
    try {
      await until(() => registrar.requests.size > 0, "somebody asks");
      registrar.release();
      await Promise.all(replicas.map(({ ended }) => ended));
      for (const { lines } of replicas) assertEquals(lines, [{ client_id: "client/shared-1" }]);
      assertEquals(registrar.requests.get("/shared"), 1);
    } finally {
      for (const { child } of replicas) child.kill("SIGKILL");
      registrar.close();
    }
  });

  test(`20 holders that are killed in their request are followed by others, which warn (${name})`, {
    skip,
  }, async () => {
    const registrar = await startRegistrar();
    const tenant = crypto.randomUUID();
    await (await connect(url, tenant)).end(); // there is a table now
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const start = (n: number) => {
      const request = [`https://auth.example/${n}`, `${registrar.url}/${n}`] as const;
      return startReplica(n, "register", url, request, tenant);
    };
    const holders = numbers.map(start);
    try {
      await until(() => registrar.requests.size === numbers.length, "every holder asks");
      for (const { child } of holders) child.kill("SIGKILL");
      await Promise.all(holders.map(({ ended }) => ended));
      const others = numbers.map(start);
      await Promise.all(others.map(({ ended }) => ended));
      for (const n of numbers) {
        const { lines } = others[n]!;
        assertEquals(lines.filter(({ warning }) => warning?.includes("never stored")).length, 1);
        assertEquals(lines.flatMap(({ client_id }) => client_id ?? []), [`client/${n}-2`]);
        assertEquals(registrar.requests.get(`/${n}`), 2);
      }
    } finally {
      for (const { child } of holders) child.kill("SIGKILL");
      registrar.close();
    }
  });
}
