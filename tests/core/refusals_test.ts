import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { RegistrationError } from "@oauth2/client-store/registration";
import { NO_REFUSAL, refusalNote, standingRefusal } from "../../src/core/refusals.ts";
import { behaves, behavesEverywhere } from "../support/behaviours.ts";

const ISSUER = "https://auth.example";
const NOW = Date.parse("2026-11-25T20:00:00Z");

/** A callback that is refused so often, and then answers. */
function refusing(error: Error, times = Infinity) {
  const register = Object.assign(() => {
    if (++register.requests <= times) throw error;
    return Promise.resolve({ client_id: "x" });
  }, { requests: 0 });
  return register;
}

behavesEverywhere(
  "a refusal is told again without a request until its time is over",
  async ({ open }) => {
    for (
      const [status, retryAfter, seconds] of [
        [429, undefined, 60],
        [429, 10, 10],
        [503, undefined, 60],
        [500, 7, 7],
        [401, undefined, 3600],
        [403, undefined, 3600],
      ] as const
    ) {
      const issuer = `${ISSUER}/${status}/${retryAfter}`;
      let now = NOW;
      const at = () => open({ now: () => now });
      const options = {
        status,
        error: "slow_down",
        error_description: "Please",
        ...(retryAfter !== undefined && { retryAfter }),
      };
      const register = refusing(new RegistrationError("Refused", options), 1);
      await assertRejects(() => at().getOrRegister(issuer, register), RegistrationError, "Refused");
      now += seconds * 1000 - 1;
      const error = await assertRejects(() => at().getOrRegister(issuer, register));
      const until = new Date(NOW + seconds * 1000).toISOString();
      assert(error instanceof RegistrationError);
      assertEquals(
        error.message,
        `Refused; this is what it said last, and nothing is sent before ${until}: ` +
          "pass retry: true to ask all the same",
      );
      assertEquals([error.status, error.error, error.error_description, error.retryAfter], [
        status,
        "slow_down",
        "Please",
        1,
      ]);
      assertEquals(register.requests, 1);
      now++;
      assertEquals((await at().getOrRegister(issuer, register)).client_id, "x");
      assertEquals((await at().registrations(issuer)).notes, {});
    }
  },
);

behavesEverywhere("retry: true asks in spite of a refusal", async ({ open }) => {
  const register = refusing(new RegistrationError("Refused", { status: 429 }), 2);
  const ask = (options = {}) => open().getOrRegister(ISSUER, register, options);
  await assertRejects(() => ask());
  await assertRejects(() => ask({ retry: true }));
  await assertRejects(() => ask());
  assertEquals(register.requests, 2);
  assertEquals((await ask({ retry: true })).client_id, "x");
});

behavesEverywhere("an invalid request is refused to the same request only", async ({ open }) => {
  const refused = new RegistrationError("Refused", { status: 400, error: "invalid_redirect_uri" });
  for (const [status, isShared] of [[400, true], [401, true], [422, true], [429, false]] as const) {
    const issuer = `${ISSUER}/${status}`;
    const register = refusing(new RegistrationError("Refused", { ...refused, status } as never), 1);
    const ask = (request: string, redirectUris = ["https://a.example"]) =>
      open().getOrRegister(issuer, register, { request, redirectUris });
    await assertRejects(() => ask("one"));
    await assertRejects(() => ask("one"));
    assertEquals(register.requests, 1);
    if (!isShared) continue;
    assertEquals((await ask("two")).client_id, "x");
  }
});

behavesEverywhere(
  "an invalid request that nobody can tell from another is asked again",
  async ({ open }) => {
    const register = refusing(new RegistrationError("Refused", { status: 400 }), 1);
    await assertRejects(() => open().getOrRegister(ISSUER, register));
    assertEquals((await open().getOrRegister(ISSUER, register)).client_id, "x");
  },
);

behaves("a network failure is shared with those who wait, and forgotten", async ({ open }) => {
  let fail = (_: Error) => {};
  const answer = new Promise<never>((_, reject) => fail = reject);
  let requests = 0;
  let isFirst = () => {};
  const started = new Promise<void>((resolve) => isFirst = resolve);
  const register = async () => {
    requests++;
    isFirst();
    return await answer;
  };
  const clock = new Map<number, number>();
  const asking = Array.from({ length: 5 }, (_, n) => {
    // A store reads the clock when it is opened, and when a caller begins to ask.
    const now = () => {
      clock.set(n, (clock.get(n) ?? 0) + 1);
      return Date.now();
    };
    const redirectUris = [`http://127.0.0.1/${n}`];
    return open({ now }).getOrRegister(ISSUER, register, { redirectUris });
  });
  const settled = Promise.allSettled(asking);
  await started;
  const tick = () => new Promise((resolve) => setTimeout(resolve, 1));
  while ([...clock.values()].some((times) => times < 2)) await tick();
  // The clock has to go on before the failure, for it to be seen that all had begun.
  const now = Date.now();
  while (Date.now() < now + 2) await tick();
  fail(new RegistrationError("The server cannot be reached"));
  for (const outcome of await settled) {
    assertEquals(outcome.status, "rejected");
    assert(String((outcome as PromiseRejectedResult).reason).includes("cannot be reached"));
  }
  assertEquals(requests, 1);
  const again = refusing(new Error(), 0);
  assertEquals((await open().getOrRegister(ISSUER, again)).client_id, "x");
});

behaves("a failure of another kind is neither kept nor shared", async ({ open, place }) => {
  const register = refusing(new Error("503"), 1);
  await assertRejects(() => open().getOrRegister(ISSUER, register));
  assertEquals(place.names(), []);
  assertEquals((await open().getOrRegister(ISSUER, register)).client_id, "x");
});

behavesEverywhere("a stored client is found whatever the server refuses", async ({ open }) => {
  const register = refusing(new RegistrationError("Refused", { status: 429 }));
  await assertRejects(() => open().getOrRegister(ISSUER, register));
  await open().store(ISSUER, { client_id: "given" });
  assertEquals((await open().getOrRegister(ISSUER, register)).client_id, "given");
});

test("a note that makes no sense, or of a clock that was set back, refuses nothing", () => {
  const asking = { options: {}, began: NOW };
  const error = new RegistrationError("Refused", { status: 429 });
  const standing = refusalNote(error, {}, NOW - 1) ?? {};
  assert(standingRefusal(standing, asking, NOW) instanceof RegistrationError);
  assertEquals(standingRefusal(standing, asking, NOW - 3_600_000), undefined);
  const { refusal } = standing as { refusal: Record<string, unknown> };
  for (
    const odd of [
      null,
      7,
      [],
      { ...refusal, at: "1" },
      { ...refusal, until: null },
      { ...refusal, until: Infinity },
      { ...refusal, until: NOW + 90_000_000 },
      { ...refusal, message: {} },
    ]
  ) {
    assertEquals(standingRefusal({ refusal: odd } as never, asking, NOW), undefined);
  }
  assertEquals(standingRefusal(NO_REFUSAL, asking, NOW), undefined);
});

behavesEverywhere(
  "what a register callback answers is taken leniently, and warned of",
  async ({ open, warnings }) => {
    const answer = { client_id: 42, client_secret_expires_at: "0", scope: ["a", "b"] };
    const client = await open().getOrRegister(ISSUER, () => answer as never);
    assertEquals(client, { client_id: "42", client_secret_expires_at: 0, scope: "a b" });
    assertEquals(await open().lookup(ISSUER), client);
    assertEquals(warnings.length, 1);
  },
);

behavesEverywhere(
  "who asks for something else beyond the fit is not told that it was refused",
  async ({ open }) => {
    const store = open();
    const refused = new RegistrationError("Refused", {
      status: 400,
      error: "invalid_redirect_uri",
    });
    let isWaitedFor = () => {};
    const waited = new Promise<void>((resolve) => isWaitedFor = resolve);
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => isAsked = resolve);
    const bad = store.getOrRegister(ISSUER, async () => {
      isAsked();
      await waited;
      throw refused;
    }, { requested: { redirect_uris: ["https://bad.example/"] } });
    await asked;
    const good = store.getOrRegister(ISSUER, () => ({ client_id: "x" }), {
      requested: { redirect_uris: ["https://good.example/"] },
    });
    isWaitedFor();
    await assertRejects(() => bad, RegistrationError, "Refused");
    assertEquals((await good).client_id, "x");
  },
);
