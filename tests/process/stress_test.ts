import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { stress } from "./stress.mjs";

test("12 processes of three runtimes, stopped and killed all the time, lose no acknowledged store", async () => {
  const seed = Date.now() % 1e6;
  const result = await stress({ writers: 12, seconds: 15, stops: 45, kills: 10, seed });
  console.log(JSON.stringify(result));
  const { lost, invalid, backwards, wrongMode, errors, leftovers } = result;
  assertEquals(
    { lost, invalid, backwards, wrongMode, errors, leftovers },
    { lost: 0, invalid: 0, backwards: 0, wrongMode: 0, errors: [], leftovers: [] },
  );
  assert(result.stopped > 30 && result.killed > 5 && result.acknowledged > 100);
  assert(result.reads > 100, `${result.reads} reads`);
});
