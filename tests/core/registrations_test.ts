import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  addReplaced,
  amend,
  logOut,
  register,
  reject,
  remove,
  store,
} from "../../src/core/change_registrations.ts";
import { currentOf, find } from "../../src/core/find_registration.ts";
import { type Fit, fits, requestOf } from "../../src/core/fit.ts";
import { otherSpelling } from "../../src/core/issuer.ts";
import {
  forget,
  isAlive,
  isDeletable,
  MAX_KEPT,
  NO_REGISTRATIONS,
  note,
  orphansOf,
  type Registration,
  type Registrations,
  settled,
} from "../../src/core/registrations.ts";
import { issuerRecord, registrationsOf } from "../../src/file/issuer_record.ts";
import { formatMetadata, parseMetadata } from "../../src/file/metadata.ts";

const ISSUER = "https://auth.example";
const issuer = fc.constantFrom(ISSUER, `${ISSUER}/`);
const client_id = fc.integer({ min: 0, max: 24 }).map((n) => `client-${n}`);
const redirectUris = fc.constantFrom(
  ...["one", "two", "three"].map((name) => [`https://${name}.example/cb`]),
);
const scope = fc.constantFrom("read", "write", "read write");
const fit: fc.Arbitrary<Fit> = fc.record({ redirectUris, scope }, { requiredKeys: [] });
const client = fc.record({
  client_id,
  client_secret: fc.constantFrom("s", "n3w"),
  redirect_uris: redirectUris.map((uris) => [...uris]),
  scope,
  registration_client_uri: fc.constant("https://auth.example/register"),
  registration_access_token: fc.constantFrom("t", "u"),
}, { requiredKeys: ["client_id"] });
const source = fc.oneof(
  { weight: 8, arbitrary: fc.constant("dcr" as const) },
  fc.constant("pre-registered" as const),
);

/** Every change that there is. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("store" as const), issuer, client, source }),
  fc.record({ kind: fc.constant("register" as const), issuer, client, fit }),
  fc.record({ kind: fc.constant("adopt" as const), issuer, client }),
  fc.record({ kind: fc.constant("reject" as const), client_id }),
  fc.record({ kind: fc.constant("remove" as const), client_id }),
  fc.record({ kind: fc.constant("log out" as const), issuer }),
  fc.record({ kind: fc.constant("amend" as const), client }),
  fc.record({ kind: fc.constant("note" as const), value: fc.nat() }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const isDead = () => false;
const isUsable = () => true;

function changed(value: Registrations, step: Step): Registrations {
  switch (step.kind) {
    case "store": {
      const { issuer, client, source } = step;
      return store(value, { issuer, client, source }, isDead);
    }
    case "register": {
      const requested = requestOf(step.fit);
      const { issuer, client } = step;
      return register(value, { issuer, client, source: "dcr", requested }, isDead);
    }
    case "adopt":
      return addReplaced(value, { issuer: step.issuer, client: step.client, source: "dcr" });
    case "reject":
      return reject(value, step.client_id);
    case "remove":
      return remove(value, step.client_id);
    case "log out":
      return logOut(value, step.issuer);
    case "amend":
      return amend(value, { client: step.client });
    case "note":
      return note(value, { value: step.value });
  }
}

function inSequence(
  hold: (before: Registrations, step: Step, after: Registrations) => void,
): void {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let value = NO_REGISTRATIONS;
    for (const step of steps) {
      const before = settled(value);
      const frozen = JSON.stringify(before);
      value = changed(before, step);
      assertEquals(JSON.stringify(before), frozen);
      hold(before, step, value);
    }
  });
  const seed = globalThis.process?.env.SEED;
  fc.assert(property, { numRuns: 400, ...(seed && { seed: Number(seed) }) });
}

const identity = (one: Registration) => `${one.issuer} ${one.client.client_id}`;
const idsOf = (registrations: readonly Registration[]) => registrations.map(identity);

test("no change forgets a client that can still be deleted at its server", () => {
  inSequence((before, step, after) => {
    // Only an amendment may say that there is nothing left to delete it with.
    const isAmended = ({ client }: Registration) =>
      step.kind === "amend" && step.client.client_id === client.client_id;
    for (const one of before.all.filter((one) => isDeletable(one) && !isAmended(one))) {
      const isKnown = settled(after).all.some((other) =>
        identity(other) === identity(one) &&
        (isDeletable(other) || other.source === "pre-registered")
      );
      assert(isKnown, `${identity(one)} after ${JSON.stringify(step)}`);
    }
  });
});

test("each spelling of an issuer has at most one current client, which was stored last", () => {
  inSequence((_, step, after) => {
    for (const spelling of [ISSUER, `${ISSUER}/`]) {
      const current = after.all.filter((one) => one.state === "current" && one.issuer === spelling);
      assert(current.length <= 1, idsOf(current).join());
    }
    if (step.kind !== "store" && step.kind !== "register") return;
    assertEquals(currentOf(after, step.issuer)?.client, step.client);
  });
});

test("at most so many are kept beside the current one, and no living client is there twice", () => {
  inSequence((_, __, after) => {
    const kept = after.all.filter(({ state, source }) => state === "kept" && source === "dcr");
    assert(kept.length <= MAX_KEPT, `${kept.length} kept`);
    const alive = idsOf(after.all.filter(isAlive));
    assertEquals(new Set(alive).size, alive.length);
  });
});

test("a client that was registered for a purpose is found for it as long as it lives, and for no other", () => {
  inSequence((_, step, after) => {
    for (const one of after.all.filter(isAlive)) {
      const purpose: Fit = {
        ...(one.requested?.redirect_uris && { redirectUris: one.requested.redirect_uris }),
        ...(one.requested?.scope !== undefined && { scope: one.requested.scope }),
      };
      const found = find(after, one.issuer, purpose, isUsable);
      const isGiven = after.all.some((other) =>
        isAlive(other) && other.source === "pre-registered"
      );
      if (one.requested && !isGiven) {
        assert(found, `${identity(one)} after ${JSON.stringify(step)}`);
      }
      if (found) assert(fits(found, purpose) && isAlive(found));
    }
  });
});

test("a client that the user was given is found alone, and nobody deletes it at its server", () => {
  inSequence((_, __, after) => {
    const given = after.all.filter((one) => isAlive(one) && one.source === "pre-registered");
    if (given.length > 0) {
      assertEquals(find(after, ISSUER, undefined, isUsable), given.at(-1));
    }
    assert(orphansOf(after).every(({ source }) => source === "dcr"));
  });
});

test("an orphan is told of until its server has forgotten it, and never while it is handed out", () => {
  inSequence((_, __, after) => {
    const orphans = orphansOf(after);
    assertEquals(new Set(idsOf(orphans)).size, orphans.length);
    const alive = after.all.filter(isAlive).map(({ client }) => client.client_id);
    assert(orphans.every(({ client }) => !alive.includes(client.client_id)));
    assertEquals(orphansOf(forget(after, orphans)), []);
    assertEquals(forget(after, orphans).all.filter(isAlive), after.all.filter(isAlive));
  });
});

test("what is stored, formatted and parsed again is the same", () => {
  inSequence((before, _, after) => {
    const record = issuerRecord(after, before, undefined);
    const text = formatMetadata({ issuers: record ? { [ISSUER]: record } : {}, rest: {} });
    const parsed = parseMetadata(text);
    assert(parsed && parsed !== "unknown");
    const entries = [ISSUER, otherSpelling(ISSUER)].flatMap((spelling) => {
      const current = currentOf(after, spelling);
      if (!current) return [];
      const { client_id, client_secret } = current.client;
      const client = client_secret === undefined ? { client_id } : { client_id, client_secret };
      return [{ issuer: spelling, client }];
    });
    const again = registrationsOf(parsed.issuers[ISSUER], entries);
    const key = ({ issuer, client, state }: Registration) =>
      JSON.stringify([issuer, client.client_id, state, client.client_secret]);
    const sorted = (value: Registrations) =>
      settled(value).all.toSorted((a, b) => key(a) < key(b) ? -1 : 1);
    assertEquals(sorted(again), sorted(after));
    assertEquals(again.notes, after.notes);
    assertEquals(formatMetadata(parsed), text);
  });
});
