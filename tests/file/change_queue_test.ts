import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientStoreError } from "@oauth2/client-store";
import { behaves } from "../support/behaviours.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";

/** Runs with timers that never fire, as under a test runner's fake ones. */
async function withoutTimers(action: () => Promise<void>): Promise<void> {
  const { setTimeout, setInterval } = globalThis;
  globalThis.setTimeout = (() => 0) as never;
  globalThis.setInterval = (() => 0) as never;
  try {
    await action();
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
  }
}

behaves("changes of one process wait for each other without a clock", async ({ open }) => {
  await withoutTimers(async () => {
    const store = open();
    await Promise.all([
      ...Array.from({ length: 5 }, (_, n) => store.store(ISSUER, { client_id: `${n}` })),
      open().store("https://other.example", { client_id: "other" }),
      store.getOrRegister("https://third.example", () => ({ client_id: "third" })),
    ]);
    assertEquals((await store.lookup(ISSUER))?.client_id, "4");
    assertEquals((await store.list()).size, 3);
  });
});

behaves(
  "changes that wait are made in one lock, one write and one flush",
  async ({ open, place }) => {
    await open().store(ISSUER, { client_id: "0" });
    const counted = new Map<string, number>();
    const runtime = interceptedRuntime(place.runtime, (operation) => {
      counted.set(operation, (counted.get(operation) ?? 0) + 1);
    });
    const store = open({ runtime });
    await Promise.all(
      Array.from(
        { length: 500 },
        (_, n) => store.store(`https://${n}.example`, { client_id: `${n}`, scope: "a" }),
      ),
    );
    assertEquals((await open().list()).size, 501);
    assert((counted.get("rename") ?? 0) <= 4, `${counted.get("rename")} renames`);
    assert((counted.get("flushDirectory") ?? 0) <= 6, `${counted.get("flushDirectory")} flushes`);
  },
);

behaves("of changes made together each has its own result or error", async ({ open }) => {
  const store = open();
  await store.store(ISSUER, { client_id: "given" }, { source: "pre-registered" });
  const results = await Promise.allSettled([
    store.store("https://a.example", { client_id: "a" }),
    store.store(ISSUER, { client_id: "not" }),
    store.remove("https://a.example"),
    store.remove("https://b.example"),
    store.store("https://b.example", { client_id: "b" }),
  ]);
  assertEquals(results.map((one) => one.status === "fulfilled" ? one.value : one.reason.code), [
    undefined,
    "ERR_PRE_REGISTERED",
    true,
    false,
    undefined,
  ]);
  assertEquals([...(await open().list()).keys()], [ISSUER, "https://b.example"]);
});

behaves("a failure is told to each as one of what it attempted", async ({ open, place }) => {
  await open().store(ISSUER, { client_id: "0" });
  const runtime = interceptedRuntime(place.runtime, (operation, path) => {
    if (operation === "createFile" && path.endsWith(".tmp")) throw posixError("ENOSPC");
  });
  const store = open({ runtime });
  const issuers = ["https://a.example", "https://b.example"];
  const errors = await Promise.all(
    issuers.map((issuer) =>
      assertRejects(() => store.store(issuer, { client_id: "x" }), ClientStoreError)
    ),
  );
  errors.forEach((error, n) => {
    assert(error.message.startsWith(`Cannot store client for issuer "${issuers[n]}": cannot `));
    assertEquals(error.code, "ENOSPC");
  });
  assertEquals(errors[0] === errors[1], false);
});

behaves("a change that is called off while it waits is not made", async ({ open }) => {
  const store = open();
  const controller = new AbortController();
  const first = store.store(ISSUER, { client_id: "first" });
  const second = store.store("https://b.example", { client_id: "b" }, {
    signal: controller.signal,
  });
  controller.abort(new Error("not any more"));
  const error = await assertRejects(() => second, Error);
  assertEquals(error.message, "not any more");
  await first;
  assertEquals([...(await open().list()).keys()], [ISSUER]);
});
