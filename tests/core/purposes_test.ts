import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ClientInformation, Fit } from "@oauth2/client-store";
import { behaves, behavesEverywhere, type StoreTrial } from "../support/behaviours.ts";

const ISSUER = "https://auth.example";
const REDIRECT = "http://127.0.0.1/callback";

/** A server that counts its registrations and answers as it is told to. */
function server(answer: (asked: Fit, count: number) => object = () => ({})) {
  let count = 0;
  return {
    get count() {
      return count;
    },
    /** A run of a program: a fresh store, and what it asks for. */
    async run({ open }: Pick<StoreTrial, "open">, asked: Fit): Promise<ClientInformation> {
      return await open().getOrRegister(ISSUER, () => {
        const client_id = `client-${++count}`;
        return { client_id, ...answer(asked, count) };
      }, asked);
    },
  };
}

behaves(
  "programs with different redirect URIs each have a client, and make no other one register",
  async (trial) => {
    const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
    for (let run = 0; run < 10; run++) {
      for (const name of ["one", "two", "three"]) {
        const redirectUris = [`https://${name}.example/callback`];
        const client = await authorization.run(trial, { redirectUris });
        assertEquals(client.redirect_uris, redirectUris);
        assertEquals(await trial.open().lookup(ISSUER, { redirectUris }), client);
      }
    }
    assertEquals(authorization.count, 3);
    const listed = (await trial.open().list()).get(ISSUER);
    assertEquals([listed?.client_id, listed?.state, listed?.source], [
      "client-3",
      "current",
      "dcr",
    ]);
    assertEquals(listed?.kept?.map(({ client_id, state }) => [client_id, state]), [
      ["client-2", "kept"],
      ["client-1", "kept"],
    ]);
    assertEquals(JSON.parse(trial.place.read(trial.place.file)), {
      [ISSUER]: { client_id: "client-3" },
    });
  },
);

behavesEverywhere(
  "a tool of the browser and one of client_credentials do not get each other's client",
  async (trial) => {
    for (const answer of [() => ({}), ({ grantTypes }: Fit) => ({ grant_types: grantTypes })]) {
      const authorization = server((asked) => ({
        ...answer(asked),
        ...(asked.grantTypes?.[0] === "client_credentials" && { client_secret: "s" }),
      }));
      await trial.open().remove(ISSUER);
      const browser: Fit = { redirectUris: [REDIRECT], tokenEndpointAuthMethod: "none" };
      const machine: Fit = {
        grantTypes: ["client_credentials"],
        tokenEndpointAuthMethod: "client_secret_basic",
      };
      for (let run = 0; run < 3; run++) {
        assertEquals((await authorization.run(trial, browser)).client_secret, undefined);
        assertEquals((await authorization.run(trial, machine)).client_secret, "s");
      }
      assertEquals(authorization.count, 2);
    }
  },
);

/** What servers make of a request: for each of these, the next run must not ask again. */
const answers: Record<string, { asked: Fit; answer: object }> = {
  "less scope": { asked: { scope: "read write" }, answer: { scope: "read" } },
  "no scope": { asked: { scope: "read write" }, answer: {} },
  "an empty scope": { asked: { scope: "read write" }, answer: { scope: "" } },
  "no redirect_uris": { asked: { redirectUris: [REDIRECT] }, answer: {} },
  "an empty list of redirect_uris": {
    asked: { redirectUris: [REDIRECT] },
    answer: { redirect_uris: [] },
  },
  "redirect_uris of null": { asked: { redirectUris: [REDIRECT] }, answer: { redirect_uris: null } },
  "other redirect_uris": {
    asked: { redirectUris: ["https://app.example/cb"] },
    answer: { redirect_uris: ["https://other.example/cb"] },
  },
  "fewer grants": {
    asked: { grantTypes: ["authorization_code", "refresh_token"] },
    answer: { grant_types: ["authorization_code"] },
  },
  "another way to authenticate": {
    asked: { tokenEndpointAuthMethod: "none" },
    answer: { token_endpoint_auth_method: "client_secret_basic", client_secret: "s" },
  },
};
for (
  const uri of [
    "http://localhost:8765",
    "HTTP://LOCALHOST/cb",
    "https://app.example:443/cb",
    "https://app.example/a/../cb",
    "https://app.example/a b",
    "https://APP.example",
    "com.example.app:/cb",
  ]
) {
  answers[`${uri} as a URL parser writes it`] = {
    asked: { redirectUris: [uri] },
    answer: { redirect_uris: [new URL(uri).href] },
  };
}
for (const [what, { asked, answer }] of Object.entries(answers)) {
  behavesEverywhere(
    `a server that answers with ${what} registers once in three runs`,
    async (trial) => {
      const authorization = server(() => answer);
      for (let run = 0; run < 3; run++) await authorization.run(trial, asked);
      assertEquals(authorization.count, 1);
      assert(trial.warnings.length <= 1, trial.warnings.join());
    },
  );
}

behavesEverywhere("what a server did not grant is told once", async (trial) => {
  const authorization = server(() => ({ scope: "read" }));
  for (let run = 0; run < 3; run++) await authorization.run(trial, { scope: "read write" });
  assertEquals(trial.warnings.length, 1);
  assertMatch(trial.warnings[0] ?? "", /does not cover what was asked for \(scope\)/);
});

behavesEverywhere(
  "a client of which the server tells nothing is for what was asked for",
  async (trial) => {
    const authorization = server();
    const first = await authorization.run(trial, { redirectUris: ["https://one.example/cb"] });
    const second = await authorization.run(trial, { redirectUris: ["https://two.example/cb"] });
    assert(first.client_id !== second.client_id);
    assertEquals(authorization.count, 2);
  },
);

behavesEverywhere("any loopback port will do, but not for a web client", async (trial) => {
  const ports = (application_type: string | undefined) => async () => {
    await trial.open().remove(ISSUER);
    const authorization = server(({ redirectUris }) => ({
      redirect_uris: redirectUris,
      ...(application_type && { application_type }),
    }));
    for (const port of [1111, 2222]) {
      await authorization.run(trial, { redirectUris: [`http://127.0.0.1:${port}/cb`] });
    }
    return authorization.count;
  };
  assertEquals(await ports(undefined)(), 1);
  assertEquals(await ports("native")(), 1);
  assertEquals(await ports("web")(), 2);
});

behavesEverywhere(
  "a client that was asked for as a web one is bound to its port",
  async ({ open }) => {
    let requests = 0;
    for (const port of [1111, 2222, 1111]) {
      await open().getOrRegister(ISSUER, () => ({ client_id: `${++requests}` }), {
        redirectUris: [`http://127.0.0.1:${port}/cb`],
        requested: { application_type: "web" },
      });
    }
    assertEquals(requests, 2);
  },
);

behavesEverywhere("those who wait share a client that does not fit", async ({ open }) => {
  let requests = 0;
  const register = () => ({ client_id: `${++requests}`, scope: "read" });
  const clients = await Promise.all(
    Array.from({ length: 3 }, () => open().getOrRegister(ISSUER, register, { scope: "write" })),
  );
  assertEquals([new Set(clients.map(({ client_id }) => client_id)).size, requests], [1, 1]);
});

behavesEverywhere(
  "at most 16 are kept, and what falls out can be deleted at its server",
  async (trial) => {
    const authorization = server(({ redirectUris }, count) => ({
      redirect_uris: redirectUris,
      registration_client_uri: `https://auth.example/register/${count}`,
      registration_access_token: "t",
    }));
    for (let n = 1; n <= 20; n++) {
      await authorization.run(trial, { redirectUris: [`https://${n}.example/cb`] });
    }
    const listed = (await trial.open().list()).get(ISSUER);
    assertEquals(listed?.kept?.length, 16);
    const replaced = (await trial.open().replaced()).map(({ client }) => client.client_id);
    assertEquals(replaced, ["client-1", "client-2", "client-3"]);
    const fit = { redirectUris: ["https://1.example/cb"] };
    assertEquals(await trial.open().lookup(ISSUER, fit), undefined);
  },
);

behaves("another program that removes an entry has logged out", async (trial) => {
  const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
  const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/`] }));
  for (const fit of fits) await authorization.run(trial, fit);
  trial.place.write(trial.place.file, "{}");
  for (const fit of fits) assertEquals(await trial.open().lookup(ISSUER, fit), undefined);
  for (const fit of fits) await authorization.run(trial, fit);
  assertEquals(authorization.count, 4);
});

behaves("a client that another program writes fits whatever is asked for", async (trial) => {
  const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
  const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/`] }));
  for (const fit of fits) await authorization.run(trial, fit);
  trial.place.write(trial.place.file, JSON.stringify({ [ISSUER]: { client_id: "foreign" } }));
  for (const fit of fits) {
    assertEquals((await authorization.run(trial, fit)).client_id, "foreign");
  }
  assertEquals(authorization.count, 2);
});

behaves("one client that is removed by its name leaves the others what they are", async (trial) => {
  const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
  const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/`] }));
  for (const fit of fits) await authorization.run(trial, fit);
  assertEquals(await trial.open().remove(ISSUER, { client_id: "client-2" }), true);
  assertEquals(JSON.parse(trial.place.read(trial.place.file)), {});
  assertEquals(await trial.open().lookup(ISSUER), undefined);
  assertEquals((await trial.open().lookup(ISSUER, fits[0]))?.client_id, "client-1");
  assertEquals(await trial.open().remove(ISSUER, { client_id: "client-1" }), true);
  assertEquals(await trial.open().lookup(ISSUER, fits[0]), undefined);
});

behavesEverywhere(
  "a rejected client is replaced, and those for other purposes stay",
  async (trial) => {
    const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
    const [one = {}, two = {}] = ["one", "two"].map((name): Fit => ({
      redirectUris: [`https://${name}.example/`],
    }));
    const first = await authorization.run(trial, one);
    await authorization.run(trial, two);
    const replace = first.client_id;
    const next = await authorization.run(trial, { ...one, ...{ replace } });
    assertEquals(next.client_id, "client-3");
    assertEquals((await authorization.run(trial, two)).client_id, "client-2");
    assertEquals((await authorization.run(trial, one)).client_id, "client-3");
    assertEquals(authorization.count, 3);
  },
);

behavesEverywhere("a pre-registered client is never registered over", async ({ open }) => {
  const given = { client_id: "given", redirect_uris: ["https://app.example/cb"] };
  await open().store(ISSUER, given, { source: "pre-registered" });
  const register = () => {
    throw new Error("nobody is to be asked");
  };
  const asked = { redirectUris: ["https://app.example/cb"] };
  assertEquals(await open().getOrRegister(ISSUER, register, asked), given);
  assertEquals((await open().list()).get(ISSUER)?.source, "pre-registered");
  const tries: [object, RegExp][] = [
    [{ redirectUris: ["https://other.example/cb"] }, /does not fit .*\(redirect_uris\)/],
    [{ accept: () => false }, /does not fit .*\(accept\)/],
    [{ replace: "given" }, /was rejected/],
  ];
  for (const [options, message] of tries) {
    const error = await assertRejects(() => open().getOrRegister(ISSUER, register, options));
    assertMatch(String(error), message);
    assertEquals((error as { code?: string }).code, "ERR_PRE_REGISTERED");
  }
  const error = await assertRejects(() => open().store(ISSUER, { client_id: "x" }));
  assertEquals((error as { code?: string }).code, "ERR_PRE_REGISTERED");
  assertEquals(await open().lookup(ISSUER), given);
  assertEquals(await open().remove(ISSUER), true);
  assertEquals(await open().replaced(), []);
});

behavesEverywhere("what is renewed of a client leaves its state alone", async (trial) => {
  const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
  const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/`] }));
  const [first] = [
    await authorization.run(trial, fits[0]!),
    await authorization.run(trial, fits[1]!),
  ];
  const renewed = { ...first!, registration_access_token: "next" };
  // A note alone leaves what another caller has renewed meanwhile as it is.
  const { client_id } = renewed;
  const [isRenewed] = await Promise.all([
    trial.open().amend(ISSUER, { client_id, registration_access_token: "next" }),
    trial.open().amend(ISSUER, { client_id }, { notes: { seen: 1 } }),
  ]);
  assertEquals(isRenewed, true);
  assertEquals(await trial.open().lookup(ISSUER, fits[0]), renewed);
  assertEquals(await trial.open().amend(ISSUER, renewed, { notes: { unproven: true } }), true);
  assertEquals((await trial.open().lookup(ISSUER))?.client_id, "client-2");
  assertEquals(await trial.open().lookup(ISSUER, fits[0]), renewed);
  const { all } = await trial.open().registrations(ISSUER);
  assertEquals(all.find(({ client }) => client.client_id === "client-1")?.notes, {
    seen: 1,
    unproven: true,
  });
  assertEquals(await trial.open().amend(ISSUER, { client_id: "nobody" }), false);
});

behavesEverywhere("a note of an issuer is kept, also where no client is", async ({ open }) => {
  const reader = open();
  assertEquals((await reader.registrations(ISSUER)).notes, {});
  await open().note(ISSUER, { documents: true, until: 12 });
  await open().note(`${ISSUER}/`, { until: undefined });
  assertEquals((await reader.registrations(ISSUER)).notes, { documents: true });
  assertEquals(await open().lookup(ISSUER), undefined);
  await open().store(ISSUER, { client_id: "x" });
  assertEquals((await reader.registrations(`${ISSUER}/`)).notes, { documents: true });
});

behaves(
  "what was asked for counts only where it makes sense, whoever wrote it there",
  async (trial) => {
    const asked = { redirectUris: ["https://one.example/"], scope: "a", grantTypes: ["b"] };
    const odd = [
      { redirect_uris: "https://one.example/" },
      { redirect_uris: [null] },
      { scope: ["a"] },
      { grant_types: "b" },
      { redirect_uris: 1, scope: 2, grant_types: 3, application_type: 4 },
    ];
    for (const requested of odd) {
      const client = { client_id: "x", redirect_uris: ["https://two.example/"], scope: "z" };
      await trial.open().store(ISSUER, { ...client, grant_types: ["y"] }, {
        requested: requested as object,
      });
      assertEquals(await trial.open().lookup(ISSUER, asked), undefined);
      const authorization = server(() => ({}));
      assertEquals(await trial.open().lookup(ISSUER, { scope: "a" }), undefined);
      assertEquals(await trial.open().lookup(ISSUER, { grantTypes: ["b"] }), undefined);
      assertEquals((await authorization.run(trial, asked)).client_id, "client-1");
      assert(await trial.open().remove(ISSUER));
    }
  },
);

behavesEverywhere(
  "what is kept beside a client that was removed is listed, and removed with its issuer",
  async ({ open }) => {
    const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
    const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/`] }));
    for (const last of [ISSUER, `${ISSUER}/`]) {
      const first = await authorization.run({ open }, fits[0]!);
      const second = await authorization.run({ open }, fits[1]!);
      assert(await open().remove(ISSUER, second));
      assertEquals(await open().lookup(ISSUER), undefined);
      assertEquals(await open().lookup(ISSUER, fits[0]!), first);
      const [[issuer, listed] = []] = [...await open().list()];
      assertEquals([issuer, listed?.client_id, listed?.state], [ISSUER, first.client_id, "kept"]);
      assertEquals(await open().remove(last), true);
      assertEquals(await open().lookup(ISSUER, fits[0]!), undefined);
      assertEquals(await open().list(), new Map());
      assertEquals(await open().remove(last), false);
    }
  },
);

behavesEverywhere("remove() of an issuer forgets all that are listed there", async ({ open }) => {
  const authorization = server(({ redirectUris }) => ({ redirect_uris: redirectUris }));
  const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/`] }));
  await authorization.run({ open }, fits[0]!);
  const second = await authorization.run({ open }, fits[1]!);
  await open().store(`${ISSUER}/`, { client_id: "other" });
  await open().remove(ISSUER, second);
  assertEquals((await open().list()).get(`${ISSUER}/`)?.kept?.length, 1);
  assert(await open().remove(`${ISSUER}/`));
  assertEquals(await open().list(), new Map());
  assertEquals(await open().lookup(ISSUER, fits[0]!), undefined);
});

behavesEverywhere(
  "what is to be kept and is no JSON is refused, and fails no other change",
  async ({ open }) => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const store = open();
    const odd = [cycle, { scope: 1n }, { scope: { toJSON: () => assert(false) } }] as object[];
    const refused = odd.flatMap((value) => [
      store.note(ISSUER, value as Record<string, never>),
      store.store(ISSUER, { client_id: "x" }, { requested: value }),
      store.amend(ISSUER, { client_id: "x" }, { notes: value as Record<string, never> }),
      store.getOrRegister(ISSUER, () => ({ client_id: "x" }), { requested: value }),
    ]);
    const stored = store.store("https://other.example", { client_id: "y" });
    for (const outcome of await Promise.allSettled(refused)) {
      assertMatch(String(Object(outcome).reason), /must be JSON, without cycles/);
    }
    await stored;
    assertEquals([...(await open().list()).keys()], ["https://other.example"]);
  },
);
