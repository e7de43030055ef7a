import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { DocumentKey, Documents } from "../../src/documents/documents.ts";
import type { DatabaseKind } from "./databases.ts";

const ISSUER = "https://auth.example";

/** What holds of documents in every database. */
const contract: [what: string, trial: (documents: Documents, key: DocumentKey) => Promise<void>][] =
  [];

function holds(...[what, trial]: typeof contract[number]): void {
  contract.push([what, trial]);
}

/** States it of a database, at the address that is known when the tests run. */
export function statesContract(
  { name, missing, connect }: DatabaseKind,
  url: () => string | undefined = () => undefined,
): void {
  for (const [what, trial] of contract) {
    test(`${what} (${name})`, { skip: missing ?? false }, async () => {
      const { documents, end } = await connect(url());
      try {
        await trial(documents, { tenant: crypto.randomUUID(), issuer: ISSUER });
      } finally {
        await end();
      }
    });
  }
}

async function all(documents: Documents, tenant: string) {
  const found: { issuer: string; text: string }[] = [];
  for await (const page of documents.pages(tenant)) found.push(...page);
  return found.sort((a, b) => a.issuer < b.issuer ? -1 : 1);
}

holds("a document is read as it was written, whatever it holds", async (documents, key) => {
  assertEquals(await documents.read(key), undefined);
  for (const text of ["{}", "ü 日本 \u{1f511} : ' \" \\ $1 {}", "x".repeat(100_000), "1:2:3"]) {
    const before = await documents.read(key);
    const version = await documents.write(key, text, before?.version);
    const { text: read, version: found } = await documents.read(key) ?? {};
    assertEquals([read, found], [text, version]);
  }
});

holds(
  "a document is created by one, and changed by one of each version",
  async (documents, key) => {
    const created = await Promise.all(
      [1, 2, 3].map((n) => documents.write(key, `${n}`, undefined)),
    );
    assertEquals(created.filter((version) => version !== undefined).length, 1);
    const first = (await documents.read(key))?.version;
    assert(created.includes(first));
    const changed = await Promise.all([4, 5, 6].map((n) => documents.write(key, `${n}`, first)));
    assertEquals(changed.filter((version) => version !== undefined).length, 1);
    assertEquals(await documents.write(key, "late", first), undefined);
    assertEquals(await documents.write(key, "late", undefined), undefined);
    assert(/^[456]$/.test((await documents.read(key))?.text ?? ""));
  },
);

holds("what is not there is not changed", async (documents, key) => {
  assertEquals(await documents.write(key, "{}", "1"), undefined);
  assertEquals(await documents.read(key), undefined);
});

holds("one holder has a lease until it is given back or has run out", async (documents, key) => {
  assert(await documents.lease(key, "a", 60_000));
  assert(await documents.lease(key, "a", 60_000), "it is renewed");
  assert(!await documents.lease(key, "b", 60_000));
  await documents.release(key, "b");
  assert(!await documents.lease(key, "b", 60_000), "nobody gives back another one's");
  await documents.release(key, "a");
  assert(await documents.lease(key, "b", 1));
  let turns = 0;
  while (!await documents.lease(key, "a", 60_000)) {
    assert(turns++ < 1000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert(!await documents.lease(key, "b", 60_000));
});

holds("of many who want a lease at once, one has it", async (documents, key) => {
  const taken = await Promise.all(
    Array.from({ length: 20 }, (_, n) => documents.lease(key, `${n}`, 60_000)),
  );
  assertEquals(taken.filter(Boolean).length, 1);
});

holds("a lease is no document, and does not get in the way of one", async (documents, key) => {
  await documents.lease(key, "a", 60_000);
  assertEquals(await documents.read(key), undefined);
  assertEquals(await all(documents, key.tenant), []);
  const version = await documents.write(key, "{}", undefined);
  assert(version !== undefined);
  assert(await documents.lease(key, "a", 60_000));
  assertEquals((await documents.read(key))?.version, version);
});

holds("all documents of a tenant come in pages, and none of another", async (documents, key) => {
  const { tenant } = key;
  const issuers = Array.from({ length: 30 }, (_, n) => `https://auth.example/${n}`).sort();
  await Promise.all(
    issuers.map((issuer) => documents.write({ tenant, issuer }, issuer, undefined)),
  );
  await documents.write({ tenant: `${tenant}}`, issuer: ISSUER }, "other", undefined);
  await documents.write({ tenant: `${tenant}*`, issuer: ISSUER }, "other", undefined);
  const found = await all(documents, tenant);
  assertEquals(found.map(({ issuer, text }) => [issuer, text]), issuers.map((one) => [one, one]));
});
