import { test } from "node:test";
import { assert } from "@std/assert";
import { Interleavings } from "../support/interleavings.ts";

const SEED = Number(globalThis.process?.env.SEED ?? Date.now() % 1e6);

/** How long three processes are followed, in milliseconds; a minute and more by hand. */
const WANDER = Number(globalThis.process?.env.WANDER ?? 5000);

/** Each of two processes stopped once, at every operation, and one of them killed, at every other. */
const ONCE = { stops: 1, kills: 1 };
/** Each stopped, in every order of where; with a kill that is 20 times as many, by hand. */
const TWICE = { stops: 2, kills: Number(globalThis.process?.env.KILLS ?? 0) };

test("two processes that store lose nothing and fail at nothing, wherever each is stopped or killed", async () => {
  for (const limits of [ONCE, TWICE]) {
    const pair = new Interleavings(2);
    await pair.explore(limits);
    assert(pair.moments > 700, `${pair.moments} moments`);
  }
});

test("three processes that store lose nothing and fail at nothing, stopped and killed at random", async () => {
  console.log(`SEED=${SEED}`);
  const three = new Interleavings(3);
  await three.wander(WANDER, SEED);
  assert(three.ends > 50, `${three.ends} ends`);
  console.log(`${three.ends} histories of three processes`);
});
