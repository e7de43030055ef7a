import { test } from "node:test";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { type ClientInformation, ClientStoreError, openClientStore } from "@oauth2/client-store";
import { behaves, behavesEverywhere } from "../support/behaviours.ts";
import { realFilesHave, realPlace } from "../support/places.ts";

const ISSUER = "https://auth.example";
const CLIENT = { client_id: "abc123", client_secret: "s3cr3t" };

behaves(
  "lookup() returns undefined when there is no file, and creates nothing",
  async ({ open, place }) => {
    assertEquals(await open().lookup(ISSUER), undefined);
    assertEquals(place.names(), []);
  },
);

behavesEverywhere("lookup() finds what store() stored, in another store too", async ({ open }) => {
  const store = open();
  await store.store(ISSUER, CLIENT);
  assertEquals(await store.lookup(ISSUER), CLIENT);
  assertEquals(await open().lookup(ISSUER), CLIENT);
});

behaves("lookup() reads the documented format", async ({ open, place }) => {
  place.write(
    place.file,
    `{ "https://auth.example": { "client_id": "abc123", "client_secret": "s3cr3t" },
       "https://login.foo": { "client_id": "public-xyz" } }`,
  );
  assertEquals(await open().lookup(ISSUER), CLIENT);
  assertEquals(await open().lookup("https://login.foo"), { client_id: "public-xyz" });
});

behavesEverywhere(
  "lookup() finds the exact issuer first, then the other trailing slash",
  async ({ open }) => {
    const store = open();
    await store.store(ISSUER, { client_id: "without" });
    assertEquals((await store.lookup(`${ISSUER}/`))?.client_id, "without");
    await store.store(`${ISSUER}/`, { client_id: "with" });
    assertEquals((await store.lookup(`${ISSUER}/`))?.client_id, "with");
    assertEquals((await store.lookup(ISSUER))?.client_id, "without");
    assertEquals(await store.lookup("https://AUTH.example"), undefined);
  },
);

behaves(
  "lookup() takes null as no secret, and no other wrong type for an entry",
  async ({ open, place }) => {
    const entries: Record<string, unknown> = {
      "https://null.example": { client_id: "a", client_secret: null },
      "https://number.example": { client_id: "a", client_secret: 7 },
      "https://empty.example": { client_id: "" },
      "https://missing.example": { client_secret: "x" },
      "https://list.example": ["a"],
      "https://text.example": "a",
      "https://nothing.example": null,
    };
    place.write(place.file, JSON.stringify(entries));
    const store = open();
    assertEquals(await store.lookup("https://null.example"), { client_id: "a" });
    assertEquals([...(await store.list()).keys()], ["https://null.example"]);
    for (const issuer of Object.keys(entries).slice(1)) {
      assertEquals(await store.lookup(issuer), undefined, issuer);
    }
  },
);

behaves("lookup() takes __proto__ and its like for plain issuers", async ({ open, place }) => {
  place.write(place.file, `{"__proto__": {"client_id": "p"}, "x": {"client_id": "x"}}`);
  const store = open();
  assertEquals(await store.lookup("__proto__"), { client_id: "p" });
  for (const name of ["constructor", "toString", "hasOwnProperty", "client_id"]) {
    assertEquals(await store.lookup(name), undefined, name);
  }
  assertEquals([...(await store.list()).keys()], ["__proto__", "x"]);
  await store.store(ISSUER, CLIENT);
  assertMatch(place.read(place.file), /"__proto__": \{"client_id": "p"\}/);
});

behaves(
  "lookup() takes the last of duplicate keys and ignores a byte order mark",
  async ({ open, place }) => {
    place.write(
      place.file,
      `\uFEFF{"${ISSUER}": {"client_id": "1"}, "${ISSUER}": {"client_id": "2"}}`,
    );
    assertEquals(await open().lookup(ISSUER), { client_id: "2" });
  },
);

behavesEverywhere("lookup() does not reject whatever it is asked for", async ({ open }) => {
  for (const issuer of [undefined, null, 7, {}, "", "no url", "\0"]) {
    assertEquals(await open().lookup(issuer as string), undefined);
  }
});

behavesEverywhere("what can be no issuer is not stored, and nowhere", async ({ open }) => {
  const store = open();
  const [nul, unpaired] = [`${ISSUER}/\0`, `${ISSUER}/\ud800`];
  await store.store(`${ISSUER}/\ufffd`, CLIENT);
  for (const issuer of ["\0", nul, unpaired]) {
    await assertRejects(() => store.store(issuer, CLIENT), TypeError);
    await assertRejects(() => store.getOrRegister(issuer, () => CLIENT), TypeError);
    await assertRejects(() => store.amend(issuer, CLIENT), TypeError);
    assertEquals(await store.lookup(issuer), undefined);
    assertEquals(await store.registrations(issuer), { all: [], notes: {} });
    assertEquals(await store.remove(issuer), false);
    await store.forgetReplaced([{ issuer, client: CLIENT }]);
  }
  assertEquals([...(await store.list()).keys()], [`${ISSUER}/\ufffd`]);
});

behavesEverywhere("lookup() and list() hand out copies", async ({ open }) => {
  const store = open();
  await store.store(ISSUER, { ...CLIENT, redirect_uris: ["http://127.0.0.1/cb"] });
  for (const client of [await store.lookup(ISSUER), (await store.list()).get(ISSUER)]) {
    assert(client);
    client.client_id = "changed";
    client.redirect_uris?.push("changed");
  }
  assertEquals((await store.lookup(ISSUER))?.client_id, CLIENT.client_id);
  assertEquals((await store.lookup(ISSUER))?.redirect_uris?.length, 1);
});

behaves(
  "store() creates the directory with mode 0700 and the file with mode 0600",
  async ({ open, place }) => {
    await open().store(ISSUER, CLIENT);
    assertEquals(place.mode(place.runtime.join(place.file, "..")), 0o700);
    assertEquals(place.mode(place.runtime.join(place.file, "../..")), 0o700);
    assertEquals(place.mode(place.file), 0o600);
    assertEquals(place.names(), ["registered.json"]);
  },
  { needs: ["modes"] },
);

behaves("store() makes a readable file private", async ({ open, place }) => {
  place.write(place.file, "{}");
  assertEquals(place.mode(place.file), 0o644);
  await open().store(ISSUER, CLIENT);
  assertEquals(place.mode(place.file), 0o600);
}, { needs: ["modes"] });

behaves("store() writes client_id and client_secret only", async ({ open, place }) => {
  await open().store(ISSUER, { ...CLIENT, scope: "a b", client_secret_expires_at: 0 });
  assertEquals(JSON.parse(place.read(place.file)), { [ISSUER]: CLIENT });
  await open().store(ISSUER, { client_id: "public" });
  assertEquals(JSON.parse(place.read(place.file)), { [ISSUER]: { client_id: "public" } });
});

behaves("store() keeps what others wrote, verbatim and in order", async ({ open, place }) => {
  const foreign = [
    `"https://z.example": {"client_id":"z",   "note": 1.0, "big": 12345678901234567890}`,
    `"10": [1e2, "\\u00e9\\/"]`,
    `"2": null`,
    `"dup": 1`,
    `"dup": {"client_id": "d"}`,
    `"https://a.example": { "client_id": "a", "extra": {"x": [true, {}]} }`,
  ];
  place.write(place.file, `{\n${foreign.join(" ,\n")}\t}\n`);
  const store = open();
  await store.store(ISSUER, CLIENT);
  const text = place.read(place.file);
  let at = 0;
  for (const member of foreign) {
    const found = text.indexOf(member, at);
    assert(found >= at, `${member} is gone from ${text}`);
    at = found + member.length;
  }
  assertEquals(await store.remove(ISSUER), true);
  assertEquals(JSON.parse(place.read(place.file)), JSON.parse(`{${foreign.join()}}`));
});

behaves("store() keeps what others changed since its last change", async ({ open, place }) => {
  const store = open();
  const texts = [
    ['"deep": {"a": {"b": {}}}'],
    ['"deep": {"a": {"b": {}, "c": 1}}', '"new": 1'],
    ['"deep": {"a": {"b": {}, "c": 1}}', '"new": 12', '"x": {}'],
    ['"deep": {"a": {"b": {}, "c": 1}}', '"new": 12', '"x": {}', '"y": {}'],
    ['"new": 12', '"x": {}', '"y": {}'],
  ];
  for (const layout of [["{", ",", "}"], ["{\n  ", ",\n  ", "\n}\n"]]) {
    const [start = "", between, end = ""] = layout;
    for (const members of texts) {
      assertEquals(await store.remove("https://no.example"), false);
      place.write(place.file, start + members.join(between) + end);
      await store.store(ISSUER, { client_id: "x" });
      const kept = place.read(place.file);
      for (const member of members) assert(kept.includes(`  ${member},\n`), kept);
      assertEquals(Object.keys(JSON.parse(kept)).length, members.length + 1);
      place.write(place.file, start + members.join(between) + end);
    }
  }
});

behaves(
  "store() replaces an entry in its place, duplicates of it included",
  async ({ open, place }) => {
    place.write(
      place.file,
      `{"a": 1, "${ISSUER}": {"client_id": "1"}, "b": 2, "${ISSUER}": {"client_id": "2"}}`,
    );
    await open().store(ISSUER, CLIENT);
    assertEquals(place.read(place.file).match(/client_id/g)?.length, 1);
    assertEquals(Object.keys(JSON.parse(place.read(place.file))), ["a", ISSUER, "b"]);
  },
);

behaves("store() removes a temporary file that a dead writer left", async ({ open, place }) => {
  place.write(`${place.file}.${crypto.randomUUID()}.tmp`, "half a fi");
  // Another program may be writing this one just now.
  place.write(`${place.file}.tmp`, "half a fi");
  await open().store(ISSUER, CLIENT);
  assertEquals(place.names(), ["registered.json", "registered.json.tmp"]);
  assertEquals(place.read(`${place.file}.tmp`), "half a fi");
  assertEquals(place.mode(place.file), 0o600);
}, { needs: ["modes"] });

behaves("store() keeps a symbolic link and replaces its target", async ({ open, place }) => {
  const target = `${place.home}/dotfiles/clients.json`;
  place.write(target, `{"https://old.example": {"client_id": "old"}}`);
  place.link("../../dotfiles/clients.json", place.file);
  const store = open();
  await store.store(ISSUER, { ...CLIENT, scope: "a" });
  assertEquals(place.runtime.fs.readLink(place.file), "../../dotfiles/clients.json");
  assertEquals(Object.keys(JSON.parse(place.read(target))), ["https://old.example", ISSUER]);
  assertEquals(place.mode(target), 0o600);
  assertEquals(place.names(), ["registered.json"]);
  assertEquals((await open().lookup(ISSUER))?.scope, "a");
  assertEquals((await open({ path: target }).lookup(ISSUER))?.scope, "a");
}, { needs: ["links"] });

for (const link of ["../secrets/registered.json", "in/../registered.json"]) {
  const skip = !realFilesHave("links");
  test(`store() writes where ${link} leads from a linked directory`, { skip }, async () => {
    const place = realPlace();
    const target = `${place.home}/dot/secrets/registered.json`;
    place.write(target, `{"https://old.example": {"client_id": "old"}}`);
    place.write(`${place.home}/dot/secrets/inner/file`, "");
    place.link(link, `${place.home}/dot/ocamlgpt/registered.json`);
    place.link("../secrets/inner", `${place.home}/dot/ocamlgpt/in`);
    place.link("../dot/ocamlgpt", `${place.home}/.config/ocamlgpt`);
    const store = openClientStore({ runtime: place.runtime });
    await store.store(ISSUER, { ...CLIENT, scope: "x" });
    assertEquals(await store.lookup(ISSUER), { ...CLIENT, scope: "x" });
    assertEquals(Object.keys(JSON.parse(place.read(target))), ["https://old.example", ISSUER]);
    assertEquals(place.names(), ["in", "registered.json"]);
    place.end();
  });
}

behaves("store() creates the target of a dangling link", async ({ open, place }) => {
  place.link(`${place.home}/elsewhere/clients.json`, place.file);
  await open().store(ISSUER, CLIENT);
  assertEquals(JSON.parse(place.read(`${place.home}/elsewhere/clients.json`)), {
    [ISSUER]: CLIENT,
  });
}, { needs: ["links"] });

behaves("store() refuses a circle of links", async ({ open, place }) => {
  place.link(place.file, place.file);
  const error = await assertRejects(() => open().store(ISSUER, CLIENT), ClientStoreError);
  assertEquals(error.code, "ELOOP");
  assertEquals(await open().lookup(ISSUER), undefined);
}, { needs: ["links"] });

behaves("store() refuses a directory in the place of the file", async ({ open, place }) => {
  place.write(`${place.file}/inner`, "");
  const error = await assertRejects(() => open().store(ISSUER, CLIENT), ClientStoreError);
  assertEquals([error.code, error.path], ["EISDIR", place.file]);
  assertMatch(
    error.message,
    /^Cannot store client for issuer "https:\/\/auth.example": cannot read/,
  );
  assertEquals(place.names(), ["registered.json"]);
});

behaves("store() says what is missing when there is no home", async ({ open, place }) => {
  const store = open({ runtime: { ...place.runtime, env: () => undefined } });
  const error = await assertRejects(
    () => store.store(ISSUER, CLIENT),
    ClientStoreError,
    "set HOME",
  );
  assertEquals(error.code, "ENOENT");
  assertEquals(await store.lookup(ISSUER), undefined);
  assertEquals((await store.list()).size, 0);
});

behaves("store() refuses a wrong issuer and says why", async ({ open, place }) => {
  const wrong: [unknown, RegExp][] = [
    ["auth.example", /issuer "auth.example": issuer must be an absolute http or https URL/],
    ["ftp://auth.example", /absolute http or https URL/],
    ["https://", /absolute http or https URL/],
    ["https:///a", /absolute http or https URL/],
    ["https://auth.example?x=1", /no query and no fragment/],
    ["https://auth.example#", /no query and no fragment/],
    ["https://auth.example//", /must not end with two slashes/],
    [" https://auth.example", /must not contain spaces/],
    ["https://auth.example/\n", /must not contain spaces/],
    ["https://user:pa55@auth.example", /no user name or password/],
    [undefined, /must be a string/],
    [null, /must be a string/],
    ["", /absolute/],
  ];
  for (const [issuer, message] of wrong) {
    const error = await assertRejects(() => open().store(issuer as string, CLIENT), TypeError);
    assertMatch(error.message, message);
    assert(!error.message.includes("pa55"), error.message);
  }
  assertEquals(place.names(), []);
});

behaves(
  "store() refuses a wrong client, names the member, and keeps its value to itself",
  async ({ open, place }) => {
    const cycle: Record<string, unknown> = { client_id: "x" };
    cycle.self = cycle;
    const wrong: [unknown, RegExp][] = [
      [undefined, /client must be an object/],
      ["c4nary", /client must be an object/],
      [[], /client must be an object/],
      [{}, /client_id must be a non-empty string/],
      [{ client_id: "" }, /client_id must be a non-empty string/],
      [{ client_id: 7 }, /client_id must be/],
      [{ client_id: "x", client_secret: ["c4nary"] }, /client_secret must be a string/],
      [
        { client_id: "x", registration_access_token: { c4nary: 1 } },
        /registration_access_token must/,
      ],
      [
        { client_id: "x", client_secret_expires_at: "c4nary" },
        /client_secret_expires_at must be a number/,
      ],
      [
        { client_id: "x", client_secret_expires_at: NaN },
        /client_secret_expires_at must be a number/,
      ],
      [{ client_id: "x", client_id_issued_at: -1 }, /client_id_issued_at must be a number/],
      [{ client_id: "x", redirect_uris: "c4nary" }, /redirect_uris must be an array/],
      [{ client_id: "x", redirect_uris: [1] }, /redirect_uris must be an array/],
      [{ client_id: "x", scope: ["a"] }, /scope must be a string/],
      [cycle, /without cycles/],
      [{ client_id: "x", big: 1n }, /BigInt/],
    ];
    for (const [client, message] of wrong) {
      const error = await assertRejects(
        () => open().store(ISSUER, client as ClientInformation),
        TypeError,
      );
      assertMatch(error.message, message);
      assert(!error.message.includes("c4nary"), error.message);
    }
    assertEquals(place.names(), []);
  },
);

behaves(
  "remove() removes the client that lookup() finds, and says whether there was one",
  async ({ open, place }) => {
    const store = open();
    assertEquals(await store.remove(ISSUER), false);
    assertEquals(place.names(), []);
    await store.store(ISSUER, CLIENT);
    await store.store("https://other.example", { client_id: "other" });
    assertEquals(await store.remove(`${ISSUER}/`), true);
    assertEquals(await store.lookup(ISSUER), undefined);
    assertEquals(await store.remove(ISSUER), false);
    assertEquals((await store.lookup("https://other.example"))?.client_id, "other");
  },
);

behavesEverywhere("remove() with a client_id leaves any other client alone", async ({ open }) => {
  const store = open();
  await store.store(ISSUER, CLIENT);
  assertEquals(await store.remove(ISSUER, { client_id: "older" }), false);
  assertEquals((await store.lookup(ISSUER))?.client_id, CLIENT.client_id);
  assertEquals(await store.remove(ISSUER, { client_id: CLIENT.client_id }), true);
  // A client that the server has rejected is dead under either spelling.
  await store.store(ISSUER, CLIENT);
  await store.store(`${ISSUER}/`, CLIENT);
  assertEquals(await store.remove(ISSUER, { client_id: CLIENT.client_id }), true);
  assertEquals(await store.lookup(ISSUER), undefined);
  await assertRejects(() => store.remove(ISSUER, {} as { client_id: string }), TypeError);
  await assertRejects(() => store.remove(7 as unknown as string), TypeError);
});

behaves("list() lists every client in the order of the file", async ({ open }) => {
  const store = open();
  assertEquals(await store.list(), new Map());
  await store.store("https://b.example", { client_id: "b" });
  await store.store("https://a.example", { client_id: "a", scope: "s" });
  assertEquals([...await store.list()], [
    ["https://b.example", { client_id: "b", source: "dcr", state: "current" }],
    ["https://a.example", { client_id: "a", scope: "s", source: "dcr", state: "current" }],
  ]);
});

behaves("a file that another program changes is read anew at once", async ({ open, place }) => {
  const store = open();
  for (let n = 0; n < 50; n++) {
    place.write(place.file, `{"${ISSUER}": {"client_id": "${String(n).padStart(4, "0")}"}}`);
    assertEquals((await store.lookup(ISSUER))?.client_id, String(n).padStart(4, "0"));
  }
});

behavesEverywhere("many stores at once in one process lose nothing", async ({ open }) => {
  const stores = [open(), open(), open()];
  const issuers = Array.from({ length: 60 }, (_, n) => `https://${n}.example`);
  await Promise.all(
    issuers.map((issuer, n) => stores[n % 3]?.store(issuer, { client_id: `${n}` })),
  );
  assertEquals([...(await open().list()).keys()].sort(), issuers.sort());
});

behaves("one tenant does not see the clients of another", async ({ open, place }) => {
  await open({ tenant: "one" }).store(ISSUER, CLIENT);
  assertEquals(await open().lookup(ISSUER), undefined);
  assertEquals(await open({ tenant: "two" }).lookup(ISSUER), undefined);
  assertEquals(await open({ tenant: "one" }).lookup(ISSUER), CLIENT);
  assertEquals(
    open({ tenant: "one" }).path,
    place.runtime.join(place.file, "..", "tenants", "one", "registered.json"),
  );
});

behaves(
  "a tenant is found on a runtime whose methods are those of a class",
  async ({ open, place }) => {
    class OtherRuntime {
      readonly name = "other";
      readonly fs = place.runtime.fs;
      env(name: string) {
        return place.runtime.env(name);
      }
      join(...segments: string[]) {
        return place.runtime.join(...segments);
      }
    }
    const store = open({ runtime: new OtherRuntime(), tenant: "one" });
    await store.store(ISSUER, CLIENT);
    assertEquals(await store.lookup(ISSUER), CLIENT);
  },
);

behaves("a tenant without a place is told of", async ({ open, place }) => {
  place.write(place.runtime.join(place.file, "..", "tenants"), "a file");
  const store = open({ tenant: "one" });
  const actions = [
    () => store.store(ISSUER, CLIENT),
    () => store.getOrRegister(ISSUER, () => CLIENT),
  ];
  for (const action of actions) {
    const error = await assertRejects(action, ClientStoreError, "tenants");
    assertEquals(error.code, "ENOTDIR");
  }
  assertEquals(await store.lookup(ISSUER), undefined);
});

behavesEverywhere("store() refuses a client that is another one in JSON", async ({ open }) => {
  const client = { client_id: "x", toJSON: () => ({ scope: "x" }) };
  await assertRejects(() => open().store(ISSUER, client), TypeError, "toJSON");
  assertEquals(await open().lookup(ISSUER), undefined);
});

behaves(
  "a tenant that differs from another in case only is refused",
  async ({ open }) => {
    await open({ tenant: "Acme" }).store(ISSUER, CLIENT);
    const error = await assertRejects(
      () => open({ tenant: "acme" }).store(ISSUER, CLIENT),
      ClientStoreError,
      "Acme",
    );
    assertEquals(error.code, "EEXIST");
    assertEquals(await open({ tenant: "acme" }).lookup(ISSUER), undefined);
  },
);

test("store() makes the directory again that was removed since the last change", async () => {
  const place = realPlace();
  try {
    const store = openClientStore({ runtime: place.runtime });
    await store.store(ISSUER, { client_id: "first" });
    rmSync(dirname(place.file), { recursive: true });
    await store.store(ISSUER, CLIENT);
    assertEquals(await store.lookup(ISSUER), CLIENT);
    if (!realFilesHave("modes")) return;
    assertEquals([place.mode(place.file), place.mode(dirname(place.file))], [0o600, 0o700]);
  } finally {
    place.end();
  }
});

test("openClientStore() refuses times that are no numbers", () => {
  for (const option of ["lockTimeout", "skew"]) {
    for (const value of [NaN, -1, "soon"]) {
      assertThrows(
        () => openClientStore({ [option]: value }),
        TypeError,
        `${option} must be a number, 0 or more`,
      );
    }
  }
});
