import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { behaves } from "../support/behaviours.ts";
import { metadataFileOf as metadataFile, metadataText } from "../support/metadata.ts";
import { interceptedRuntime, posixError } from "../support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";
const RESPONSE = {
  client_id: "abc123",
  client_secret: "s3cr3t",
  client_id_issued_at: 1_700_000_000,
  client_secret_expires_at: 0,
  registration_access_token: "t0ken",
  registration_client_uri: "https://auth.example/register/abc123",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  scope: "read write",
  token_endpoint_auth_method: "client_secret_basic",
  issuer: ISSUER,
  nothing: null,
  nested: { a: [1, true, { b: null }], __proto: 1 },
};

behaves("lookup() gives a whole registration response back verbatim", async ({ open, place }) => {
  await open().store(ISSUER, RESPONSE);
  assertEquals(await open().lookup(ISSUER), RESPONSE);
  const listed = { ...RESPONSE, source: "dcr" as const, state: "current" as const };
  assertEquals((await open().list()).get(ISSUER), listed);
  const { client_id, client_secret } = RESPONSE;
  assertEquals(JSON.parse(place.read(place.file)), { [ISSUER]: { client_id, client_secret } });
  assertEquals(
    JSON.parse(place.read(metadataFile(place.file))),
    JSON.parse(metadataText({ [ISSUER]: RESPONSE })),
  );
});

behaves("the metadata file is private", async ({ open, place }) => {
  await open().store(ISSUER, RESPONSE);
  assertEquals(place.mode(metadataFile(place.file)), 0o600);
}, { needs: ["modes"] });

behaves("no metadata file is written where there is nothing to keep", async ({ open, place }) => {
  await open().store(ISSUER, { client_id: "x", client_secret: "s" });
  await open().remove(ISSUER);
  assertEquals(place.names(), ["registered.json"]);
});

behaves("metadata of another client_id is never mixed in", async ({ open, place }) => {
  await open().store(ISSUER, RESPONSE);
  place.write(place.file, JSON.stringify({ [ISSUER]: { client_id: "other", client_secret: "o" } }));
  assertEquals(await open().lookup(ISSUER), { client_id: "other", client_secret: "o" });
  await open().store(ISSUER, { client_id: "third" });
  assertEquals(await open().lookup(ISSUER), { client_id: "third" });
  // The client that the other program replaced can still be deleted at its server.
  assertEquals((await open().replaced()).map(({ client }) => client.client_id), ["abc123"]);
});

behaves(
  "a metadata file of an unknown version is ignored and left untouched",
  async ({ open, place, warnings }) => {
    const text = metadataText({ [ISSUER]: { client_id: "abc123", scope: "x" } }, { version: 2 });
    place.write(metadataFile(place.file), text);
    place.write(place.file, JSON.stringify({ [ISSUER]: { client_id: "abc123" } }));
    assertEquals(await open().lookup(ISSUER), { client_id: "abc123" });
    assertMatch(warnings.join(), /metadata\.json": its version is not known/);
    await open().store(ISSUER, RESPONSE);
    assertEquals(place.read(metadataFile(place.file)), text);
    assertEquals((await open().lookup(ISSUER))?.client_id, "abc123");
  },
);

behaves(
  "a damaged metadata file is kept aside, and the clients stay",
  async ({ open, place, warnings }) => {
    await open().store("https://other.example", { client_id: "o" });
    place.write(metadataFile(place.file), `{"version": 1, "issu`);
    assertEquals(await open().lookup("https://other.example"), { client_id: "o" });
    await open().store("https://third.example", { client_id: "t" });
    const aside = place.names().filter((name) => name.includes("metadata.json.corrupt-"));
    assertEquals([aside.length, warnings.length], [1, 2]);
    await open().store(ISSUER, RESPONSE);
    assertEquals(await open().lookup(ISSUER), RESPONSE);
    assertEquals(warnings.length, 2);
  },
);

behaves("members of the metadata file that we do not know survive", async ({ open, place }) => {
  place.write(metadataFile(place.file), `{"version": 1, "issuers": {}, "note": {"x": 1}}`);
  await open().store(ISSUER, RESPONSE);
  assertEquals(JSON.parse(place.read(metadataFile(place.file))).note, { x: 1 });
});

behaves("an expired client is not registered, and listed as expired", async ({ open }) => {
  const client = { client_id: "x", client_secret: "s", client_secret_expires_at: 1000 };
  const at = (seconds: number, skew?: number) =>
    open({ now: () => seconds * 1000, ...(skew !== undefined && { skew }) });
  await at(0).store(ISSUER, client);
  assertEquals(await at(939).lookup(ISSUER), client);
  assertEquals(await at(940).lookup(ISSUER), undefined);
  assertEquals(await at(999, 0).lookup(ISSUER), client);
  assertEquals(await at(1000, 0).lookup(ISSUER), undefined);
  const listed = { ...client, source: "dcr" as const, state: "current" as const };
  assertEquals((await at(939).list()).get(ISSUER), listed);
  assertEquals((await at(940).list()).get(ISSUER), { ...listed, expired: true });
  const again = await at(940).getOrRegister(ISSUER, () => ({ client_id: "y" }));
  assertEquals(again, { client_id: "y" });
  assertEquals(await at(940).remove(ISSUER), true);
});

behaves("a client that expires at 0 never expires", async ({ open }) => {
  const client = { client_id: "x", client_secret_expires_at: 0 };
  const store = open({ now: () => 9e15 });
  await store.store(ISSUER, client);
  assertEquals(await store.lookup(ISSUER), client);
});

behaves(
  "an expired client under one spelling does not hide a good one under the other",
  async ({ open }) => {
    const store = open();
    await store.store(ISSUER, { client_id: "old", client_secret_expires_at: 1 });
    await store.store(`${ISSUER}/`, { client_id: "good" });
    assertEquals((await store.lookup(ISSUER))?.client_id, "good");
  },
);

behaves("getOrRegister() re-uses a client only if it fits", async ({ open }) => {
  const registered = {
    client_id: "x",
    redirect_uris: [
      "http://127.0.0.1:1234/cb",
      "http://[::1]/cb",
      "https://app.example/cb",
      "http://localhost/cb",
    ],
    scope: "read write",
  };
  const tries: [Parameters<ReturnType<typeof open>["getOrRegister"]>[2], boolean][] = [
    [{}, true],
    [{ redirectUris: ["http://127.0.0.1:1234/cb"] }, true],
    [{ redirectUris: ["http://127.0.0.1:9/cb", "http://[::1]:80/cb"] }, true],
    [{ redirectUris: ["http://127.0.0.1:9/cb"], anyLoopbackPort: false }, false],
    [{ redirectUris: ["http://127.0.0.1:9/other"] }, false],
    [{ redirectUris: ["https://127.0.0.1:9/cb"] }, false],
    [{ redirectUris: ["http://localhost:9/cb"] }, false],
    [{ redirectUris: ["http://127.0.0.1.evil.example/cb"] }, false],
    [{ redirectUris: ["http://127.0.0.1@evil.example/cb"] }, false],
    [{ redirectUris: ["https://app.example/cb"] }, true],
    [{ redirectUris: ["https://app.example:444/cb"] }, false],
    [{ scope: "write" }, true],
    [{ scope: "  read  write " }, true],
    [{ scope: "read admin" }, false],
    [{ accept: (client) => client.client_id === "x" }, true],
    [{ accept: () => false }, false],
  ];
  for (const [options, fits] of tries) {
    await open().store(ISSUER, registered);
    const client = await open().getOrRegister(ISSUER, () => ({ client_id: "new" }), options);
    assertEquals(client.client_id, fits ? "x" : "new", JSON.stringify(options));
  }
});

behaves("getOrRegister() re-uses a client without metadata", async ({ open }) => {
  await open().store(ISSUER, { client_id: "x" });
  const options = { redirectUris: ["http://127.0.0.1/cb"], scope: "a" };
  const client = await open().getOrRegister(ISSUER, () => ({ client_id: "new" }), options);
  assertEquals(client.client_id, "x");
});

behaves(
  "getOrRegister() warns of a registration that does not cover what was asked for",
  async ({ open, warnings }) => {
    const register = () => ({ client_id: "x", scope: "read" });
    await open().getOrRegister(ISSUER, register, { scope: "read write" });
    assertMatch(warnings.join(), /does not cover/);
  },
);

behaves(
  "a replaced client goes to the ledger while it can be deleted at its server",
  async ({ open }) => {
    const store = open();
    await store.store(ISSUER, RESPONSE);
    await store.store(ISSUER, RESPONSE);
    assertEquals(await store.replaced(), []);
    await store.store(ISSUER, { client_id: "plain", scope: "x" });
    await store.store(ISSUER, { client_id: "next" });
    const { client_secret: _, ...known } = RESPONSE;
    assertEquals(await store.replaced(), [{ issuer: ISSUER, client: known }]);
    await store.store("https://other.example", RESPONSE);
    await store.remove("https://other.example");
    assertEquals((await store.replaced()).map(({ issuer }) => issuer), [
      ISSUER,
      "https://other.example",
    ]);
    await store.forgetReplaced(await store.replaced());
    assertEquals(await store.replaced(), []);
    assertEquals((await store.lookup(ISSUER))?.client_id, "next");
  },
);

behaves("what is stored replaces all that was known of the same client", async ({ open }) => {
  const { client_id } = RESPONSE;
  await open().store(ISSUER, { client_id, scope: "read" });
  await open().store(ISSUER, { client_id });
  assertEquals(await open().lookup(ISSUER), { client_id });
  await open().store(ISSUER, RESPONSE);
  await open().store(ISSUER, { client_id, scope: "write" });
  assertEquals(await open().lookup(ISSUER), { client_id, scope: "write" });
  await open().store(ISSUER, { client_id, client_secret: null as never });
  assertEquals(await open().lookup(ISSUER), { client_id });
  assertEquals(await open().replaced(), []);
});

behaves("what it takes to delete a client outlives that it is stored without", async ({ open }) => {
  const { client_secret: _, ...known } = RESPONSE;
  const { client_id } = RESPONSE;
  for (const stored of [[{ client_id }, { client_id }], [{ client_id: "b" }, { client_id }]]) {
    await open().store(ISSUER, RESPONSE);
    for (const client of stored) {
      await open().store(ISSUER, client);
      assertEquals(await open().lookup(ISSUER), client);
    }
    assertEquals(await open().replaced(), []);
    await open().store(ISSUER, { client_id: "next" });
    assertEquals(await open().replaced(), [{ issuer: ISSUER, client: known }]);
  }
});

behaves(
  "what it takes to delete a client outlives another program, too",
  async ({ open, place }) => {
    const { client_secret, ...known } = RESPONSE;
    const { client_id } = RESPONSE;
    for (const foreign of [{ [ISSUER]: { client_id: "foreign" } }, {}]) {
      await open().store(ISSUER, RESPONSE);
      place.write(place.file, JSON.stringify(foreign));
      await open().store(ISSUER, { client_id, client_secret });
      assertEquals(await open().lookup(ISSUER), { client_id, client_secret });
      await open().remove(ISSUER);
      assertEquals(await open().replaced(), [{ issuer: ISSUER, client: known }]);
    }
  },
);

behaves("what another program has replaced is not known again", async ({ open, place }) => {
  const { client_id, client_secret } = RESPONSE;
  await open().store(ISSUER, RESPONSE);
  place.write(place.file, JSON.stringify({ [ISSUER]: { client_id: "other" } }));
  await open().store(ISSUER, { client_id, client_secret });
  assertEquals(await open().lookup(ISSUER), { client_id, client_secret });
});

behaves("a client under the other spelling of its issuer is not replaced", async ({ open }) => {
  const store = open();
  await store.store(ISSUER, RESPONSE);
  await store.remove(ISSUER);
  await store.store(`${ISSUER}/`, RESPONSE);
  assertEquals(await store.replaced(), []);
  await store.store(ISSUER, { client_id: "next" });
  await store.remove(`${ISSUER}/`);
  assertEquals(new Set((await store.replaced()).map(({ client }) => client.client_id)).size, 1);
});

behaves(
  "a change that failed between the two files leaves the old client as it was",
  async ({ open, place }) => {
    const old = { client_id: "old", client_secret: "s", client_secret_expires_at: 1, scope: "x" };
    await open().store(ISSUER, old);
    const runtime = interceptedRuntime(place.runtime, (operation, path) => {
      if (operation === "rename" && path.startsWith(`${place.file}.`)) throw posixError("ENOSPC");
    });
    await assertRejects(() => open({ runtime }).store(ISSUER, RESPONSE), Error, "ENOSPC");
    for (let n = 0; n < 2; n++) {
      const listed = { ...old, source: "dcr" as const, state: "current" as const };
      assertEquals((await open().list()).get(ISSUER), { ...listed, expired: true });
      await open().store(`https://${n}.example`, { client_id: "b", scope: `${n}` });
    }
  },
);

behaves("metadata without a client_id concerns nobody", async ({ open, place }) => {
  const other = "https://other.example";
  const clients = { [ISSUER]: { scope: "x" }, [other]: { client_id: "o", scope: "y" } };
  place.write(metadataFile(place.file), metadataText(clients));
  place.write(place.file, JSON.stringify({ [other]: { client_id: "o" } }));
  for (const client_id of ["a", "b"]) await open().store(ISSUER, { client_id });
  assertEquals((await open().lookup(other))?.scope, "y");
  assertEquals(place.names().length, 2);
});

behaves("replaced() tells of a client once, and of no secret", async ({ open, place }) => {
  await open().store(ISSUER, RESPONSE);
  const renewed = { ...RESPONSE, client_secret: "n3w", registration_access_token: "n3w-t0ken" };
  await open().store(ISSUER, renewed);
  await open().store(ISSUER, { client_id: "next" });
  const { client_secret: _, ...known } = renewed;
  assertEquals(await open().replaced(), [{ issuer: ISSUER, client: known }]);
  assertEquals(place.names().length, 2);
});

behaves("replaced() is empty where there is no file, and creates none", async ({ open, place }) => {
  assertEquals(await open().replaced(), []);
  assertEquals(place.names(), []);
});

behaves(
  "one client_id with a new secret has the metadata of that secret",
  async ({ open, place }) => {
    await open().store(ISSUER, RESPONSE);
    const renewed = { ...RESPONSE, client_secret: "n3w", client_secret_expires_at: 9_999_999_999 };
    const before = place.read(place.file);
    await open().store(ISSUER, renewed);
    assertEquals(await open().lookup(ISSUER), renewed);
    // As a crash between the two renames leaves it: the old client, and its own metadata.
    place.write(place.file, before);
    assertEquals(await open().lookup(ISSUER), RESPONSE);
  },
);

behaves(
  "metadata whose issuers go by a damaged name are rebuilt from their registrations",
  async ({ open, place, warnings }) => {
    await open().store(ISSUER, RESPONSE);
    const file = metadataFile(place.file);
    place.write(file, place.read(file).replace('"issuers"', '"issu#rs"'));
    assertEquals((await open().lookup(ISSUER))?.client_id, "abc123");
    await open().store("https://other.example", { client_id: "x" });
    assertEquals(await open().lookup(ISSUER), RESPONSE);
    assertMatch(warnings.join("\n"), /Rebuilt ".*registered\.metadata\.json"/);
  },
);

/** One letter changed, and which of the clients for one and two are still handed out for it once that is mended. */
const changedLetters: Record<string, { from: string; to: string; found: (string | undefined)[] }> =
  {
    "in the name of an issuer": {
      from: `"${ISSUER}": {`,
      to: `"https://auth.exbmple": {`,
      found: ["one", "two"],
    },
    "in the issuer of a client": {
      from: `"issuer":"${ISSUER}"`,
      to: `"issuer":"https://auth.exbmple"`,
      found: ["one", "two"],
    },
    "in the state of a kept client": {
      from: `"state":"kept"`,
      to: `"state":"kepp"`,
      found: [undefined, "two"],
    },
    "in the source of a client": {
      from: `"source":"dcr"`,
      to: `"source":"dbr"`,
      found: ["one", "two"],
    },
  };

for (const [where, { from, to, found }] of Object.entries(changedLetters)) {
  behaves(
    `a letter that was changed ${where} costs no more than that, and is told of`,
    async ({ open, place, warnings }) => {
      const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/cb`] }));
      for (const [n, fit] of fits.entries()) {
        const client = { client_id: ["one", "two"][n] ?? "", redirect_uris: fit.redirectUris };
        await open().getOrRegister(ISSUER, () => client, fit);
      }
      const file = metadataFile(place.file);
      const damaged = place.read(file).replace(from, to);
      assert(damaged !== place.read(file));
      place.write(file, damaged);
      for (const n of [1, 2]) {
        await open().store(`https://${n}.example`, { client_id: "x", scope: "a" });
        const now = await Promise.all(fits.map((fit) => open().lookup(ISSUER, fit)));
        assertEquals(now.map((client) => client?.client_id), found);
      }
      const aside = place.names().filter((name) => name.includes("metadata.json.corrupt-"));
      // Of a client under the name of its issuer, that it is another one's changes nothing.
      const isHarmless = where === "in the issuer of a client";
      assertEquals([aside.length, warnings.length], isHarmless ? [0, 0] : [1, 2]);
      if (!isHarmless) {
        assertEquals(place.read(place.runtime.join(file, "..", aside[0] ?? "")), damaged);
      }
    },
  );
}
