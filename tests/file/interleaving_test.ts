import { test } from "node:test";
import { assert } from "@std/assert";
import { type Act, Interleavings } from "../support/interleavings.ts";

const SEED = Number(globalThis.process?.env.SEED ?? Date.now() % 1e6);

/** How long processes are followed at random, in milliseconds; a minute and more by hand. */
const WANDER = Number(globalThis.process?.env.WANDER ?? 4000);

/** Each of two processes stopped once, at every operation, and one of them killed, at every other. */
const ONCE = { stops: 1, kills: 1 };
/** Each stopped, in every order of where; with a kill that is 20 times as many, by hand. */
const TWICE = { stops: 2, kills: Number(globalThis.process?.env.KILLS ?? 0) };

const store: Act = async (store, name) => {
  const issuer = `https://${name}.example`;
  await store.store(issuer, { client_id: name, scope: name });
  return { issuer, client_id: name };
};

const register: Act = async (store, name) => {
  const issuer = "https://shared.example";
  const client = { client_id: name, scope: name };
  const { client_id } = await store.getOrRegister(issuer, () => client);
  return { issuer, client_id };
};

test("two processes that store lose nothing and fail at nothing, wherever each is stopped or killed", async () => {
  for (const limits of [ONCE, TWICE]) {
    const pair = new Interleavings(2, store);
    await pair.explore(limits);
    assert(pair.moments > 700, `${pair.moments} moments`);
  }
});

test("three processes that store lose nothing and fail at nothing, stopped and killed at random", async () => {
  console.log(`SEED=${SEED}`);
  const three = new Interleavings(3, store);
  await three.wander(WANDER, SEED);
  console.log(`${three.ends} histories of three processes that store`);
  assert(three.ends > 20, `${three.ends} ends`);
});

test("processes that register with one server agree on a client, stopped and killed at random", async () => {
  console.log(`SEED=${SEED}`);
  const pair = new Interleavings(2, register);
  await pair.wander(WANDER, SEED);
  console.log(`${pair.ends} histories of two processes that register`);
  assert(pair.ends > 20, `${pair.ends} ends`);
});
