import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type ClientStore, ClientStoreError, type Registrant } from "@oauth2/client-store";
import { behaves, behavesEverywhere } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";

/** A promise, and what resolves it. */
function gate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((end) => resolve = end);
  return { promise, resolve };
}

/** A callback that counts its calls and answers when it is told to. */
function counted(
  answer: (count: number) => unknown = (count) => ({ client_id: `client-${count}` }),
) {
  const register = Object.assign(async () => {
    const count = ++register.requests;
    await register.gate;
    return answer(count) as { client_id: string };
  }, { requests: 0, gate: Promise.resolve() });
  return register;
}

behavesEverywhere(
  "getOrRegister() registers once, for callers at the same time and later ones",
  async ({ open }) => {
    const register = counted();
    const store = open();
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => store.getOrRegister(ISSUER, register)),
    );
    assertEquals([...new Set(clients.map((client) => client.client_id))], ["client-1"]);
    assertEquals((await open().getOrRegister(ISSUER, register)).client_id, "client-1");
    assertEquals((await store.getOrRegister(`${ISSUER}/`, register)).client_id, "client-1");
    assertEquals(register.requests, 1);
  },
);

behaves(
  "getOrRegister() registers once for several stores, and for both spellings of an issuer",
  async ({ open, place }) => {
    const register = counted();
    const clients = await Promise.all(
      [ISSUER, `${ISSUER}/`, ISSUER].map((issuer) => open().getOrRegister(issuer, register)),
    );
    assertEquals(new Set(clients.map((client) => client.client_id)).size, 1);
    assertEquals(register.requests, 1);
    assertEquals(place.names(), ["registered.json"]);
  },
);

behavesEverywhere(
  "getOrRegister() gives the result to nobody before it is on disk",
  async ({ open }) => {
    const store = open();
    const seen = await Promise.all(Array.from({ length: 5 }, async () => {
      await store.getOrRegister(ISSUER, counted());
      return (await open().lookup(ISSUER))?.client_id;
    }));
    assertEquals(seen, new Array(5).fill("client-1"));
  },
);

behaves(
  "getOrRegister() reports a failed registration, caches nothing, and tries again",
  async ({ open, place }) => {
    const failure = new Error("503");
    const register = counted((count) => {
      if (count === 1) throw failure;
      return { client_id: `client-${count}` };
    });
    const store = open();
    assertEquals(await assertRejects(() => store.getOrRegister(ISSUER, register)), failure);
    assertEquals(place.names(), []);
    assertEquals((await store.getOrRegister(ISSUER, register)).client_id, "client-2");
  },
);

behaves(
  "getOrRegister() reports a failed write, caches nothing, and tries again",
  async ({ open, place }) => {
    let isBroken = false;
    const runtime = interceptedRuntime(place.runtime, (operation) => {
      if (isBroken && operation === "rename") throw posixError("EIO");
    });
    const store = open({ runtime });
    const register = counted((count) => {
      isBroken = count === 1;
      return { client_id: "x" };
    });
    await assertRejects(() => store.getOrRegister(ISSUER, register), ClientStoreError, "EIO");
    isBroken = false; // it would be found out before the server is asked
    assertEquals(await store.lookup(ISSUER), undefined);
    assertEquals((await store.getOrRegister(ISSUER, register)).client_id, "x");
    assertEquals(register.requests, 2);
  },
);

behavesEverywhere("getOrRegister() refuses what is no registration response", async ({ open }) => {
  for (
    const answer of [undefined, {}, { client_id: "" }, { client_id: true, client_secret: "s" }]
  ) {
    await assertRejects(() => open().getOrRegister(ISSUER, counted(() => answer)), TypeError);
  }
  await assertRejects(() => open().getOrRegister("no-url", counted()), TypeError, "absolute");
  await assertRejects(
    () => open().getOrRegister(ISSUER, undefined as never),
    TypeError,
    "function",
  );
  assertEquals(await open().lookup(ISSUER), undefined);
});

behavesEverywhere(
  "getOrRegister() ends at once when its signal does, and keeps what was registered",
  async ({ open }) => {
    const store = open();
    await assertRejects(() =>
      store.getOrRegister(ISSUER, counted(), { signal: AbortSignal.abort("now") })
    );
    const { promise, resolve } = gate();
    const register = counted();
    register.gate = promise;
    const controller = new AbortController();
    const first = store.getOrRegister(ISSUER, register, { signal: controller.signal });
    const failing = assertRejects(() => first);
    while (register.requests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const second = store.getOrRegister(ISSUER, register);
    controller.abort(new Error("enough"));
    assertEquals((await failing as Error).message, "enough");
    resolve();
    assertEquals((await second).client_id, "client-1");
    assertEquals(register.requests, 1);
  },
);

behavesEverywhere(
  "getOrRegister() goes on for others when the one that registered gives up",
  async ({ open }) => {
    const store = open();
    const controller = new AbortController();
    let requests = 0;
    const abortable = ({ signal }: { signal?: AbortSignal }) =>
      new Promise<{ client_id: string }>((resolve, reject) => {
        if (++requests > 1) return resolve({ client_id: "second" });
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    const first = assertRejects(() =>
      store.getOrRegister(ISSUER, abortable, { signal: controller.signal })
    );
    while (requests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const second = store.getOrRegister(ISSUER, abortable);
    controller.abort();
    await first;
    assertEquals((await second).client_id, "second");
  },
);

behavesEverywhere(
  "getOrRegister() tells no caller of a refusal of what another one asked for",
  async ({ open }) => {
    const store = open();
    const { promise, resolve } = gate();
    const refused = counted(() => {
      throw new Error("invalid_redirect_uri");
    });
    refused.gate = promise;
    const asked = { redirectUris: ["myapp:/cb"] };
    const failing = [1, 2].map(() =>
      assertRejects(() => store.getOrRegister(ISSUER, refused, asked), Error, "invalid")
    );
    while (refused.requests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const other = store.getOrRegister(ISSUER, counted(), { redirectUris: ["http://127.0.0.1/cb"] });
    await new Promise((resolve) => setTimeout(resolve, 50)); // all of them are waiting by now
    resolve();
    await Promise.all(failing);
    assertEquals((await other).client_id, "client-1");
    assertEquals(refused.requests, 1);
  },
);

behavesEverywhere(
  "getOrRegister() replaces once where the server gives the same client_id again",
  async ({ open, warnings }) => {
    const store = open();
    await store.store(ISSUER, { client_id: "same", scope: "old" });
    const register = counted(() => ({ client_id: "same", scope: "new" }));
    register.gate = new Promise((resolve) => setTimeout(resolve, 100)); // until all of them wait
    const clients = await Promise.all(
      [1, 2, 3].map(() => store.getOrRegister(ISSUER, register, { replace: "same" })),
    );
    assertEquals(clients.map(({ scope }) => scope), ["new", "new", "new"]);
    assertEquals(register.requests, 1);
    assertEquals(warnings, []);
  },
);

behavesEverywhere(
  "getOrRegister() warns of a secret that has expired already",
  async ({ open, warnings }) => {
    const lifetime = counted(() => ({ client_id: "x", client_secret_expires_at: 3600 }));
    assertEquals((await open().getOrRegister(ISSUER, lifetime)).client_id, "x");
    assertMatch(warnings.join(), /has expired.*every run will register again/);
  },
);

behavesEverywhere("getOrRegister() leaves nothing on the signal of a caller", async ({ open }) => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof add>) => (listeners--, remove(...args));
  await open().getOrRegister(ISSUER, counted(), { signal });
  assertEquals(listeners, 0);
});

behavesEverywhere(
  "getOrRegister() says once that somebody else registers, and waits for the result",
  async ({ open }) => {
    const { promise, resolve } = gate();
    const register = counted();
    register.gate = promise;
    const told: unknown[] = [];
    const first = open().getOrRegister(ISSUER, register);
    while (register.requests === 0) await new Promise((end) => setTimeout(end, 1));
    const second = open().getOrRegister(ISSUER, register, {
      onWait(registrant) {
        told.push(registrant);
        setTimeout(resolve, 100); // some more looks at who it is
        throw new Error("What cannot be told");
      },
    });
    assertEquals((await first).client_id, (await second).client_id);
    assertEquals([register.requests, told.length], [1, 1]);
    const alone = { onWait: () => told.push("nobody") };
    await open().getOrRegister(`${ISSUER}/alone`, counted(), alone);
    assertEquals(told.length, 1);
  },
);

behaves("getOrRegister() names the process that it waits for", async ({ open, place }) => {
  const runtime = { ...place.runtime, pid: 4711 };
  const { promise, resolve } = gate();
  const register = counted();
  register.gate = promise;
  const first = open({ runtime }).getOrRegister(ISSUER, register);
  while (register.requests === 0) await new Promise((end) => setTimeout(end, 1));
  const told: Registrant[] = [];
  const second = open().getOrRegister(ISSUER, register, {
    onWait(registrant) {
      told.push(registrant);
      resolve();
    },
  });
  assertEquals((await second).client_id, (await first).client_id);
  assertEquals(told.map(({ pid }) => pid), [4711]);
  assertMatch(told[0]?.since ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

behavesEverywhere("getOrRegister() for one issuer does not wait for another", async ({ open }) => {
  const store = open();
  const { promise, resolve } = gate();
  const slow = counted();
  slow.gate = promise;
  const waiting = store.getOrRegister("https://slow.example", slow);
  assertEquals((await store.getOrRegister(ISSUER, counted())).client_id, "client-1");
  resolve();
  await waiting;
});

behavesEverywhere(
  "getOrRegister() with `replace` registers again once, however many ask",
  async ({ open }) => {
    const store = open();
    await store.store(ISSUER, { client_id: "dead" });
    const register = counted();
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => open().getOrRegister(ISSUER, register, { replace: "dead" })),
    );
    assertEquals([...new Set(clients.map((client) => client.client_id))], ["client-1"]);
    assertEquals(register.requests, 1);
    assertEquals(
      (await store.getOrRegister(ISSUER, register, { replace: "dead" })).client_id,
      "client-1",
    );
  },
);

behavesEverywhere(
  "getOrRegister() with `replace` forgets the rejected client under either spelling",
  async ({ open }) => {
    const store = open();
    await store.store(ISSUER, { client_id: "dead" });
    await store.getOrRegister(`${ISSUER}/`, counted(), { replace: "dead" });
    assertEquals((await store.lookup(ISSUER))?.client_id, "client-1");
    await store.store(ISSUER, { client_id: "dead" });
    await store.getOrRegister(ISSUER, counted(), { replace: "dead" });
    assertEquals((await store.lookup(ISSUER))?.client_id, "client-1");
  },
);

behaves(
  "getOrRegister() leaves what is no client under the other spelling",
  async ({ open, place }) => {
    place.write(place.file, `{"${ISSUER}/": {"client_id": 5, "note": "precious"}}`);
    await open().getOrRegister(ISSUER, counted());
    assertEquals(JSON.parse(place.read(place.file)), {
      [`${ISSUER}/`]: { client_id: 5, note: "precious" },
      [ISSUER]: { client_id: "client-1" },
    });
  },
);

behaves("getOrRegister() takes over a registration whose holder died", async ({ open, place }) => {
  const register = counted();
  await open().store("https://other.example", { client_id: "other" });
  // Find the name of the lock as a holder makes it, then leave it as a killed one does.
  const { promise, resolve } = gate();
  register.gate = promise;
  const holder = open().getOrRegister(ISSUER, register);
  while (register.requests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const name = place.names().find((name) => /\.[0-9a-f]{16}\.lock$/.test(name));
  assert(name);
  resolve();
  await holder;
  await open().remove(ISSUER);
  place.write(place.runtime.join(place.file, "..", name), "a dead holder");
  const started = performance.now();
  assertEquals((await open().getOrRegister(ISSUER, counted())).client_id, "client-1");
  const waited = performance.now() - started;
  assert(waited > 3900, `took over after ${waited} ms`);
  assertEquals(place.names(), ["registered.json"]);
});

behavesEverywhere(
  "getOrRegister() does not wait for a caller that has given up",
  async ({ open }) => {
    const store = open();
    const controller = new AbortController();
    const deaf = counted();
    deaf.gate = new Promise(() => {}); // ignores its signal, and never settles
    const first = store.getOrRegister(ISSUER, deaf, { signal: controller.signal });
    const failing = assertRejects(() => first);
    while (deaf.requests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    await failing;
    const others = [store, open()].map((store) => store.getOrRegister(ISSUER, counted()));
    const clients = await Promise.all(others);
    assertEquals(clients.map(({ client_id }) => client_id), ["client-1", "client-1"]);
  },
);

test("the heartbeat keeps a slow registration from being taken over", async () => {
  const { memoryPlace } = await import("../support/places.ts");
  const { openClientStore } = await import("@oauth2/client-store");
  const { runtime } = memoryPlace();
  const register = counted();
  const { promise, resolve } = gate();
  register.gate = promise;
  const both = [1, 2].map(() => openClientStore({ runtime }).getOrRegister(ISSUER, register));
  await new Promise((resolve) => setTimeout(resolve, 6000));
  resolve();
  await Promise.all(both);
  assertEquals(register.requests, 1);
});

behavesEverywhere("getOrRegister() says which option is of the wrong type", async ({ open }) => {
  for (
    const [option, message] of [
      [{ redirectUris: "http://127.0.0.1/callback" }, "redirectUris must be an array of strings"],
      [
        { redirectUris: [new URL("http://127.0.0.1/")] },
        "redirectUris must be an array of strings",
      ],
      [{ scope: ["read"] }, "scope must be a string"],
      [{ accept: true }, "accept must be a function"],
      [{ replace: 7 }, "replace must be a client_id"],
      [{ onWait: "tell" }, "onWait must be a function"],
      [{ retry: "no" }, "retry must be a boolean"],
      [{ anyLoopbackPort: "no" }, "anyLoopbackPort must be a boolean"],
    ] as const
  ) {
    const register = counted();
    const options = option as object;
    await assertRejects(() => open().getOrRegister(ISSUER, register, options), TypeError, message);
    assertEquals(register.requests, 0);
  }
});

/** What comes of asking for a client within its own registration. */
async function nested(outer: ClientStore, inner: ClientStore): Promise<unknown> {
  const error = await assertRejects(() =>
    outer.getOrRegister(ISSUER, async () => {
      await new Promise((resolve) => setTimeout(resolve));
      return await inner.getOrRegister(`${ISSUER}/`, () => ({ client_id: "inner" }));
    }), ClientStoreError);
  return error.code;
}

behavesEverywhere(
  "getOrRegister() within the register of the same issuer is an error",
  async ({ open }) => {
    const store = open();
    assertEquals(await nested(store, store), "EDEADLK");
    const client = await store.getOrRegister(ISSUER, async () => {
      const other = await store.getOrRegister("https://other.example", counted());
      return { client_id: `for ${other.client_id}` };
    });
    assertEquals(client.client_id, "for client-1");
  },
);

behavesEverywhere(
  "what began within a register that is over may ask for the client",
  async ({ open }) => {
    const store = open();
    let isOver = () => {};
    const over = new Promise<void>((resolve) => isOver = resolve);
    let later: Promise<{ client_id: string }> | undefined;
    await store.getOrRegister(ISSUER, () => {
      later = over.then(() =>
        store.getOrRegister(ISSUER, () => ({ client_id: "new" }), { replace: "abc" })
      );
      return { client_id: "abc" };
    });
    isOver();
    assertEquals((await later)?.client_id, "new");
  },
);

behavesEverywhere(
  "getOrRegister() within that of another store in the same place is one, too",
  async ({ open }) => {
    assertEquals(await nested(open(), open()), "EDEADLK");
  },
);

behavesEverywhere("a promise of `accept` is not taken for yes", async ({ open }) => {
  await open().store(ISSUER, { client_id: "x" });
  const accept = (() => Promise.resolve(false)) as never;
  await assertRejects(() => open().getOrRegister(ISSUER, counted(), { accept }), TypeError);
});

behaves("lookup() finds nothing where `accept` gives a promise", async ({ open }) => {
  await open().store(ISSUER, { client_id: "x" });
  const accept = (() => Promise.resolve(true)) as never;
  assertEquals(await open().lookup(ISSUER, { accept }), undefined);
});
