import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { stress } from "./stress.mjs";

test("12 processes of three runtimes, some killed, one stopped, lose no acknowledged store", async () => {
  const result = await stress({ writers: 12, stores: 40, kills: 6, seed: Date.now() % 1e6 });
  console.log(JSON.stringify(result));
  const { lost, invalid, wrongMode, errors, leftovers } = result;
  const expected = { lost: 0, invalid: 0, wrongMode: 0, errors: [], leftovers: [] };
  assertEquals({ lost, invalid, wrongMode, errors, leftovers }, expected);
  assert(result.acknowledged >= 13 * 40, `${result.acknowledged} acknowledged`);
  assert(result.reads > 100, `${result.reads} reads`);
  assert(result.longestWait < 10_000, `waited ${result.longestWait} ms`);
});
