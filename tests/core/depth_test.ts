import { assertEquals, assertRejects } from "@std/assert";
import { behaves, behavesEverywhere } from "../support/behaviours.ts";

const ISSUER = "https://auth.example";
const DEEP = "https://deep.example";
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

behaves("no depth in a file makes another issuer's client unreachable", async ({ open, place }) => {
  for (const levels of [5000, 200_000]) {
    place.write(
      place.file,
      `{"${ISSUER}": {"client_id": "a"}, "${DEEP}": {"client_id": "d", "odd": ${nested(levels)}}}`,
    );
    const record = (issuer: string, client: string) =>
      `"${issuer}": {"registrations": [{"issuer": "${issuer}", "client": ${client}}]}`;
    place.write(
      place.file.replace(".json", ".metadata.json"),
      `{"version": 1, "issuers": {${record(ISSUER, '{"client_id": "a", "scope": "s"}')},` +
        `${record(DEEP, `{"client_id": "d", "odd": ${nested(levels)}}`)}}}`,
    );
    const ids = async () => [
      (await open().lookup(ISSUER))?.client_id,
      (await open().lookup(DEEP, { accept: () => true }))?.client_id,
      ...(await open().list()).keys(),
    ];
    assertEquals(await ids(), ["a", "d", ISSUER, DEEP]);
    await open().store("https://new.example", { client_id: "n", scope: "s" });
    await open().store(DEEP, { client_id: "d2", scope: "s" });
    assertEquals(await ids(), ["a", "d2", ISSUER, DEEP, "https://new.example"]);
  }
});

behavesEverywhere("store() refuses what is nested deeper than 64 levels", async ({ open }) => {
  const client = (levels: number) => ({ client_id: "x", odd: JSON.parse(nested(levels)) });
  await open().store(ISSUER, client(64));
  await assertRejects(() => open().store(ISSUER, client(65)), TypeError, "64 levels");
  await assertRejects(() => open().store(ISSUER, client(5000)), TypeError, "64 levels");
  assertEquals(await open().lookup(ISSUER), client(64));
});
