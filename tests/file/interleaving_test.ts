import { test } from "node:test";
import { assert } from "@std/assert";
import { Interleavings } from "../support/interleavings.ts";

/** How long three processes are followed, in milliseconds: more of it by hand. */
const THREE_FOR = Number(globalThis.process?.env.THREE_FOR ?? 5000);

test("two processes that store lose nothing and fail at nothing, wherever each is stopped or killed", async () => {
  const pair = new Interleavings(2);
  await pair.explore({ stops: 2, kills: 1 });
  console.log(`${pair.moments} moments of two`);
  assert(pair.moments > 1000, `${pair.moments} moments`);
});

test("three processes that store lose nothing and fail at nothing, wherever each is stopped or killed", async () => {
  const three = new Interleavings(3);
  await three.explore({ stops: 2, kills: 1, until: performance.now() + THREE_FOR });
  console.log(`${three.moments} moments of three`);
  assert(three.moments > 100, `${three.moments} moments`);
});
