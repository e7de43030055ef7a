import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { openClientStore } from "@oauth2/client-store";
import { otherSpelling } from "../../src/core/issuer.ts";
import { places } from "../support/places.ts";

const issuer = fc.constantFrom(
  "https://a.example",
  "https://a.example/",
  "https://b.example",
  "http://127.0.0.1:8080/tenant",
  "https://b.example/é",
);
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
// Some come again and again; these identifiers are longer than what other programs write here.
const client_id = fc.oneof(text, fc.constantFrom("the first client", "the second client"));
const client_secret = fc.oneof(text, fc.constantFrom("s3cr3t", "n3w"));
const client = fc.record(
  {
    client_id,
    client_secret,
    scope: text,
    redirect_uris: fc.array(text),
    registration_client_uri: fc.constant("https://a.example/reg"),
    registration_access_token: fc.constant("t0ken"),
  },
  { requiredKeys: ["client_id"] },
);
const foreignKey = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "1", ""));

const program = fc.nat({ max: 1 });
const layout = fc.constantFrom({ indent: 0, end: "" }, { indent: 2, end: "" }, {
  indent: 2,
  end: "\n",
});

const step = fc.oneof(
  fc.record({ kind: fc.constant("store" as const), program, issuer, client }),
  fc.record({ kind: fc.constant("remove" as const), program, issuer, only: fc.option(client_id) }),
  fc.record({
    kind: fc.constant("foreign" as const),
    key: foreignKey,
    value: fc.jsonValue(),
    layout,
  }),
  fc.record({ kind: fc.constant("rewrite" as const), issuer, client_id: text, layout }),
);

for (const { name: kind, create: createPlace } of places) {
  test(`any sequence of store() and remove() by two programs and foreign edits reads back as a model says (${kind})`, async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const place = createPlace();
      try {
        const open = () => openClientStore({ runtime: place.runtime, warn: () => {} });
        const stores = [open(), open()];
        const clients = new Map<string, Record<string, unknown>>();
        const foreign = new Map<string, string>();
        for (const step of steps) {
          if (step.kind === "store") {
            await stores[step.program]!.store(step.issuer, step.client);
            clients.set(step.issuer, step.client);
          } else if (step.kind === "remove") {
            const found = [step.issuer, otherSpelling(step.issuer)].filter((spelling) =>
              clients.has(spelling) &&
              (step.only === null || clients.get(spelling)?.client_id === step.only)
            );
            const only = step.only === null ? undefined : { client_id: step.only };
            // One that is kept for another purpose can be removed by its name, too.
            const { all } = await stores[step.program]!.registrations(step.issuer);
            const isKept = all.some(({ client, state }) =>
              state === "kept" && client.client_id === step.only
            );
            assertEquals(
              await stores[step.program]!.remove(step.issuer, only),
              found.length > 0 || isKept,
            );
            for (const spelling of only ? found : found.slice(0, 1)) clients.delete(spelling);
          } else {
            // What another program does: it rewrites the file with its own JSON library.
            const key = step.kind === "foreign" ? step.key : step.issuer;
            const value = step.kind === "foreign" ? step.value : { client_id: step.client_id };
            const old = place.exists(place.file) ? JSON.parse(place.read(place.file)) : {};
            const members = Object.entries(old).filter(([name]) => name !== key);
            const { indent, end } = step.layout;
            const edited = Object.fromEntries([...members, [key, value]]);
            place.write(place.file, JSON.stringify(edited, null, indent) + end);
            if (step.kind === "foreign") foreign.set(key, JSON.stringify(value));
            else if (clients.get(key)?.client_id !== step.client_id) {
              clients.set(key, { client_id: step.client_id });
            } else {
              // The same client_id, so its metadata still counts; the secret is gone.
              const { client_secret: _, ...rest } = clients.get(key) ?? {};
              clients.set(key, rest);
            }
          }
          for (const [spelling, client] of clients) {
            for (const store of stores) {
              assertEquals(await store.lookup(spelling), client as never);
            }
          }
        }
        if (!place.exists(place.file)) return;
        const written = JSON.parse(place.read(place.file));
        for (const [key, value] of foreign) assertEquals(JSON.stringify(written[key]), value);
        const fresh = openClientStore({ runtime: place.runtime });
        for (const [spelling, client] of clients) {
          assertEquals(await fresh.lookup(spelling), client as never);
        }
      } finally {
        place.end();
      }
    });
    const seed = globalThis.process?.env.SEED;
    await fc.assert(property, { numRuns: 150, ...(seed && { seed: Number(seed) }) });
  });
}
