import { test } from "node:test";
import { truncateSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { openClientStore } from "@oauth2/client-store";
import { plainClient } from "../../src/file/file_client_store.ts";
import { metadataText } from "../support/metadata.ts";
import { type Place, realFilesHave, realPlace } from "../support/places.ts";

const ISSUER = "https://auth.example";

/** What the first lookup of a process says, and what the reader says that knows every case. */
async function bothLookups(place: Place, issuer = ISSUER) {
  const warn = () => {};
  const first = await openClientStore({ path: place.file, warn }).lookup(issuer);
  const reader = await openClientStore({ runtime: place.runtime, path: place.file, warn })
    .lookup(issuer);
  return { first, reader };
}

function withPlace(trial: (place: Place, metadataFile: string) => Promise<void>) {
  return async () => {
    const place = realPlace();
    try {
      await trial(place, place.file.replace(/\.json$/, ".metadata.json"));
    } finally {
      place.end();
    }
  };
}

/** What is never read, whoever has put it there. */
const STRANGE: { [name: string]: (place: Place, path: string) => void } = {
  "a FIFO": (place, path) => place.makeSpecial(path),
  "a device": (place, path) => place.link("/dev/zero", path),
  "a directory": (place, path) => place.write(`${path}/inner`, ""),
  "a file of 1 GB": (place, path) => {
    place.write(path, "{}");
    truncateSync(path, 2 ** 30);
  },
};

const metadata = (known: unknown, rest: object = {}) => metadataText({ [ISSUER]: known }, rest);

/** Metadata with several registrations of one issuer. */
const several = (...registrations: unknown[]) =>
  JSON.stringify({ version: 1, issuers: { [ISSUER]: { registrations } } });

test(
  "the first lookup() says what every later one does, whatever the files hold",
  withPlace(async (place, metadataFile) => {
    const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<unknown>) =>
      fc.oneof<fc.MaybeWeightedArbitrary<unknown>[]>({ weight: 6, arbitrary: usual }, other);
    const id = mostly(fc.constant("a"), fc.constant("b"));
    const spelling = mostly(
      fc.constantFrom(ISSUER, `${ISSUER}/`),
      fc.constantFrom("__proto__", "constructor", "0"),
    ) as fc.Arbitrary<string>;
    const known = fc.record({
      client_id: mostly(id, fc.jsonValue()),
      client_secret: fc.constantFrom("a", "b", null),
      client_secret_expires_at: fc.constantFrom(0, 1, 1e12, null, "soon"),
      scope: id,
    }, { requiredKeys: ["client_id"] });
    const entry = fc.oneof(
      { weight: 6, arbitrary: fc.record({ client_id: id }) },
      fc.record({ client_id: id, client_secret: fc.constantFrom("a", "b", null, 7) }),
      fc.record({ client_id: fc.constantFrom("", null, 7) }),
      fc.jsonValue(),
    );
    const registration = mostly(
      fc.record({
        issuer: spelling,
        client: mostly(known, fc.jsonValue()),
        source: fc.constantFrom("dcr", "pre-registered", undefined, 7),
        state: fc.constantFrom("current", "kept", "replaced", undefined, 7),
        requested: fc.constantFrom(undefined, { scope: "a" }, 7),
      }, { requiredKeys: ["issuer", "client"] }),
      fc.jsonValue(),
    );
    const record = mostly(
      fc.record({
        registrations: mostly(fc.array(registration, { maxLength: 3 }), fc.jsonValue()),
      }),
      fc.constantFrom<unknown>(undefined, null, "", "none", [7], {}, { current: null }),
    );
    const dictionary = (value: fc.Arbitrary<unknown>) =>
      mostly(fc.record({ [ISSUER]: value }), fc.dictionary(spelling, value));
    const registryText = fc.oneof(
      { weight: 5, arbitrary: dictionary(entry).map((value) => JSON.stringify(value)) },
      fc.constantFrom(
        "",
        "{",
        "[]",
        `[{"client_id": "a"}]`,
        "null",
        "7",
        '"text"',
        `\uFEFF{"${ISSUER}":{"client_id":"a"}}`,
      ),
      fc.json(),
    );
    const metadataText = fc.oneof(
      fc.constant(undefined),
      fc.record({
        version: mostly(fc.constant(1), fc.constantFrom<unknown>(2, undefined, "1")),
        issuers: mostly(dictionary(record), fc.jsonValue()),
      }).map((value) => JSON.stringify(value)),
      fc.constantFrom("", "{", "[]", "null"),
    );
    const property = fc.asyncProperty(
      registryText,
      metadataText,
      spelling,
      async (registry, known, issuer) => {
        place.write(place.file, registry);
        place.remove(metadataFile);
        if (known !== undefined) place.write(metadataFile, known);
        const { first, reader } = await bothLookups(place, issuer);
        assertEquals(first, reader);
      },
    );
    const seed = globalThis.process?.env.SEED;
    await fc.assert(property, { numRuns: 1000, ...(seed && { seed: Number(seed) }) });
  }),
);

test(
  "the first lookup() finds a client with its metadata, without the reader",
  withPlace(async (place, metadataFile) => {
    place.write(place.file, `{"${ISSUER}": {"client_id": "a", "client_secret": "b"}}`);
    place.write(metadataFile, metadata({ client_id: "a", scope: "c", redirect_uris: ["d"] }));
    const client = {
      client_id: "a",
      client_secret: "b",
      scope: "c",
      redirect_uris: ["d"],
    };
    assertEquals(await bothLookups(place), { first: client, reader: client });
  }),
);

test(
  "the first lookup() goes by metadata only where every later one does",
  withPlace(async (place, metadataFile) => {
    const known = { client_id: "a", scope: "b" };
    const older = { client_id: "a", scope: "c" };
    const other = { client_id: "other", scope: "b" };
    const texts: [string, string | undefined][] = [
      [metadata(known), "b"],
      [metadata(known, { later: "member" }), "b"],
      [metadata(known, { version: 2 }), undefined],
      [metadata(known, { version: "1" }), undefined],
      [metadata(known, { issuers: "" }), undefined],
      [several({ issuer: ISSUER, client: older }, { issuer: ISSUER, client: known }), "b"],
      [several({ issuer: ISSUER, client: older }, { issuer: ISSUER, client: other }), "c"],
      [several({ issuer: ISSUER, client: known }, { issuer: ISSUER, client: 7 }), "b"],
      [several({ issuer: ISSUER, client: { ...known, client_secret: "another" } }), "b"],
      [several(7, null, { issuer: ISSUER, client: known }), "b"],
      [metadata(other), undefined],
      [metadata([known]), undefined],
    ];
    place.write(place.file, `{"${ISSUER}": {"client_id": "a"}}`);
    for (const [text, scope] of texts) {
      place.write(metadataFile, text);
      const client = { client_id: "a", ...(scope === undefined ? {} : { scope }) };
      assertEquals(await bothLookups(place), { first: client, reader: client }, text);
    }
  }),
);

test(
  "the first lookup() does not find a client whose secret has expired",
  withPlace(async (place, metadataFile) => {
    place.write(place.file, `{"${ISSUER}": {"client_id": "a", "client_secret": "b"}}`);
    place.write(metadataFile, metadata({ client_id: "a", client_secret_expires_at: 1 }));
    assertEquals(await bothLookups(place), { first: undefined, reader: undefined });
  }),
);

test(
  "the first lookup() follows a link to the file, and finds the metadata beside its target",
  { skip: !realFilesHave("links") },
  withPlace(async (place) => {
    const target = place.runtime.join(place.home, "dotfiles", "clients.json");
    place.write(target, `{"${ISSUER}": {"client_id": "a"}}`);
    place.write(
      target.replace(/\.json$/, ".metadata.json"),
      metadata({ client_id: "a", scope: "b" }),
    );
    place.link(target, place.file);
    const client = { client_id: "a", scope: "b" };
    assertEquals(await bothLookups(place), { first: client, reader: client });
  }),
);

test("the first lookup() leaves a client to the reader that is replaced while it looks", async () => {
  const texts = ["a", "b"].map((client_id) => JSON.stringify({ [ISSUER]: { client_id } }));
  for (const after of [0, 1]) {
    let reads = 0;
    const client = await plainClient(
      {
        env: () => undefined,
        join: (...segments) => segments.join("/"),
        readRegularFile: (path) =>
          path.includes("metadata")
            ? JSON.stringify({ version: 1, issuers: {} })
            : texts[reads++ === 0 ? 0 : after] ?? "",
        load: () => Promise.reject(new Error("not needed")),
      },
      "/home/u/registered.json",
      ISSUER,
    );
    assertEquals(client?.client, after === 0 ? { client_id: "a" } : undefined);
  }
});

test(
  "the first lookup() follows a link to the metadata",
  { skip: !realFilesHave("links") },
  withPlace(async (place, metadataFile) => {
    const target = place.runtime.join(place.home, "dotfiles", "metadata.json");
    place.write(place.file, `{"${ISSUER}": {"client_id": "a"}}`);
    place.write(target, metadata({ client_id: "a", scope: "b" }));
    place.link(target, metadataFile);
    const client = { client_id: "a", scope: "b" };
    assertEquals(await bothLookups(place), { first: client, reader: client });
    place.remove(target);
    const bare = { client_id: "a" };
    assertEquals(await bothLookups(place), { first: bare, reader: bare });
  }),
);

for (const [name, make] of Object.entries(STRANGE)) {
  for (const isMetadata of [false, true]) {
    test(
      `the first lookup() does not wait for ${name} in place of ${
        isMetadata ? "the metadata" : "the file"
      }`,
      { skip: !realFilesHave("special files") },
      withPlace(async (place, metadataFile) => {
        place.write(place.file, `{"${ISSUER}": {"client_id": "a"}}`);
        const path = isMetadata ? metadataFile : place.file;
        place.remove(path);
        make(place, path);
        assertEquals(await bothLookups(place), { first: undefined, reader: undefined });
      }),
    );
  }
}

test(
  "the first lookup() takes bytes that are no UTF-8 for damage",
  withPlace(async (place) => {
    const text = `{"${ISSUER}": {"client_id": "a"}}`;
    const inUtf16 = [0xff, 0xfe, ...[...text].flatMap((letter) => [letter.charCodeAt(0), 0])];
    place.write(place.file, new Uint8Array(inUtf16));
    assertEquals(await bothLookups(place), { first: undefined, reader: undefined });
    const [start, end] = text.split('a"').map((part) => new TextEncoder().encode(part));
    place.write(place.file, new Uint8Array([...start ?? [], 0xff, 0x22, ...end ?? []]));
    assertEquals(await bothLookups(place), { first: undefined, reader: undefined });
  }),
);

test(
  "lookups that start together find the same as one that starts alone",
  withPlace(async (place) => {
    place.write(place.file, `{"${ISSUER}": {"client_id": "a"}}`);
    const store = openClientStore({ path: place.file });
    const found = await Promise.all(Array.from({ length: 20 }, () => store.lookup(ISSUER)));
    assert(found.every((client) => client?.client_id === "a"));
    assertEquals(new Set(found).size, found.length); // each caller has its own copy
  }),
);

test(
  "a lookup() after the first one sees what another program has changed",
  withPlace(async (place) => {
    const store = openClientStore({ path: place.file });
    for (const client_id of ["a", "b", "c"]) {
      place.write(place.file, JSON.stringify({ [ISSUER]: { client_id } }));
      assertEquals(await store.lookup(ISSUER), { client_id });
    }
  }),
);
