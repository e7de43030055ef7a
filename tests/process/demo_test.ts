import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertEquals, assertMatch } from "@std/assert";
import { node, run } from "../support/runtimes.mjs";

test("the demo registers once in six runs on three runtimes", async () => {
  const demo = fileURLToPath(new URL("../../examples/demo/run.mjs", import.meta.url));
  const { code, output } = await run([node, demo]);
  assertEquals(code, 0, output);
  assertMatch(output, /The server counted 1 registration\./);
  assertMatch(output, /registered\.json, mode 0600/);
  assertEquals(output.match(/ re-used$/gm)?.length, 5);
});

test("the replicas on one PostgreSQL register once", async (t) => {
  const replicas = fileURLToPath(new URL("../../examples/replicas/run.mjs", import.meta.url));
  const { code, output } = await run([node, replicas]);
  if (output.includes("no PostgreSQL on npm for this platform")) return t.skip();
  assertEquals(code, 0, output);
  assertMatch(output, /The server counted 1 registration\./);
  assertEquals(output.match(/ registered$/gm)?.length, 1);
  assertEquals(output.match(/ found$/gm)?.length, 5);
});
