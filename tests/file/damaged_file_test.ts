import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";
import { salvage } from "../../src/file/salvage.ts";
import { behaves } from "../support/behaviours.ts";
import { damage } from "../support/damage.ts";
import { random } from "../support/random.ts";

const ISSUER = "https://auth.example";
const NEW = "https://new.example";
const HOME = "/home/u";
const FILE = `${HOME}/.config/ocamlgpt/registered.json`;
const SEED = Number(globalThis.process?.env.SEED ?? 7591);

function raise(error: Error): never {
  throw error;
}

behaves(
  "store() keeps a damaged file aside and rebuilds it from its entries",
  async ({ open, place, warnings }) => {
    const damaged =
      `{"https://a.example": {"client_id": "a"}, "https://b.example": {"client_id": "b", "cli`;
    place.write(place.file, damaged);
    const store = open();
    assertEquals(await store.lookup("https://a.example"), undefined);
    await store.store(NEW, { client_id: "n" });
    assertEquals([...(await store.list()).keys()], ["https://a.example", NEW]);
    const [aside] = place.names().filter((name) => name.includes("corrupt"));
    assertMatch(aside ?? "", /^registered\.json\.corrupt-\d{8}T\d{6}\.\d{3}Z$/);
    const path = place.runtime.join(place.file, "..", aside ?? "");
    assertEquals(place.read(path), damaged);
    assertEquals(place.mode(path), 0o600);
    assertEquals(warnings.length, 2);
    assert(warnings.every((warning) => !warning.includes("client_id")));
    await store.store(NEW, { client_id: "m" });
    assertEquals(place.names().length, 2);
  },
  { needs: ["modes"] },
);

behaves(
  "store() rebuilds a file that was damaged behind what it wrote last",
  async ({ open, place, warnings }) => {
    for (
      const damage of ["", "]", '"c": 1\n}', ',\n  "c": {"client_id"\n}\n', ",\n}\n", "\n}}\n"]
    ) {
      place.write(place.file, "{}");
      const store = open();
      await store.store("https://a.example", { client_id: "a" });
      place.write(place.file, place.read(place.file).slice(0, -"\n}\n".length) + damage);
      await store.store(NEW, { client_id: "n" });
      assertEquals([...(await store.list()).keys()], ["https://a.example", NEW], damage);
      assertEquals(warnings.splice(0).length, 2, damage);
    }
  },
);

behaves(
  "getOrRegister() registers nothing for an issuer whose entry in a damaged file is whole",
  async ({ open, place, warnings }) => {
    place.write(place.file, `{"https://a.example": {"client_id": "a"}`);
    const register = () => raise(new Error("registered"));
    for (let run = 0; run < 2; run++) {
      const client = await open().getOrRegister("https://a.example", register);
      assertEquals([client, warnings.length], [{ client_id: "a" }, 2]);
    }
  },
);

behaves(
  "a damaged file is told of when it is rebuilt, and not before",
  async ({ open, place, warnings }) => {
    const damaged = `{"https://a.example": {"client_id": "a"}`;
    place.write(place.file, damaged);
    assertEquals(await open().lookup(NEW), undefined);
    assertEquals(await open().remove(NEW), false);
    assertEquals(await open().replaced(), []);
    assertEquals([place.read(place.file), warnings], [damaged, []]);
    const refuse = () => Promise.reject(new Error("503"));
    await assertRejects(() => open().getOrRegister(NEW, refuse), Error, "503");
    assertEquals([...(await open().list()).keys()], ["https://a.example"]);
    assertEquals(warnings.length, 2);
    // What was read in vain is not taken for what an emptied file says.
    const store = open();
    place.write(place.file, damaged);
    await assertRejects(() => store.getOrRegister(NEW, refuse), Error, "503");
    place.write(place.file, "");
    await store.store(NEW, { client_id: "n" });
    assertEquals([...(await store.list()).keys()], [NEW]);
  },
);

behaves("a warning that cannot be given changes nothing", async ({ open, place }) => {
  for (const fails of [() => Promise.reject(new Error("later")), () => raise(new Error("now"))]) {
    place.write(place.file, "{");
    await open({ warn: fails }).store(NEW, { client_id: "n" });
    await new Promise((resolve) => setTimeout(resolve, 1)); // for what nobody handles to be noticed
    assertEquals((await open().lookup(NEW))?.client_id, "n");
  }
});

behaves("store() keeps aside whatever is no JSON object", async ({ open, place }) => {
  const texts = [
    "",
    " ",
    "null",
    "7",
    '"text"',
    `[{"${ISSUER}": {"client_id": "x"}}]`,
    "{]",
    "\0\0\0",
  ];
  for (const [n, text] of texts.entries()) {
    place.write(place.file, text);
    assertEquals(await open().lookup(ISSUER), undefined);
    await open().store(NEW, { client_id: `${n}` });
    assertEquals(await open().lookup(NEW), { client_id: `${n}` });
    assertEquals(place.names().filter((name) => name.includes("corrupt")).length, n + 1);
  }
});

behaves(
  "store() takes malformed UTF-8 for damage, and keeps the bytes",
  async ({ open, place }) => {
    const start = new TextEncoder().encode(`{"https://a.example": {"client_id": "a`);
    const end = new TextEncoder().encode(`"}, "https://b.example": {"client_id": "b"}}`);
    const bytes = new Uint8Array([...start, 0xff, ...end]);
    place.write(place.file, bytes);
    assertEquals(await open().lookup("https://b.example"), undefined);
    await open().store(NEW, { client_id: "n" });
    assertEquals([...(await open().list()).keys()], ["https://b.example", NEW]);
    const aside = place.names().find((name) => name.includes("corrupt")) ?? "";
    assertEquals(
      [...place.runtime.fs.readFile(place.runtime.join(place.file, "..", aside))],
      [...bytes],
    );
  },
);

behaves("store() keeps U+FFFD where it was written on purpose", async ({ open, place }) => {
  place.write(place.file, `{"https://a.example": {"client_id": "a\uFFFD"}}`);
  assertEquals((await open().lookup("https://a.example"))?.client_id, "a\uFFFD");
  await open().store(NEW, { client_id: "n" });
  assertEquals(place.names(), ["registered.json"]);
});

behaves(
  "remove() leaves a damaged file as it is when it has nothing to remove",
  async ({ open, place }) => {
    place.write(place.file, `{"https://a.example": {"client_id": "a"}`);
    assertEquals(await open().remove(ISSUER), false);
    assertEquals(place.names(), ["registered.json"]);
    assertEquals(await open().remove("https://a.example"), true);
    assertEquals(place.names().length, 2);
  },
);

test("salvage() finds every entry around a lost quote, brace or comma", () => {
  const entry = (name: string) => `"https://${name}.example": { "client_id": "${name}" }`;
  const whole = `{\n  ${["a", "b", "c"].map(entry).join(",\n  ")}\n}`;
  const keys = (text: string) => salvage(text).map(({ key }) => key.slice(8, 9)).join("");
  for (let at = 0; at < whole.length; at++) {
    const found = keys(whole.slice(0, at) + whole.slice(at + 1));
    const own = Math.min(2, whole.slice(0, at).split("\n").length - 2);
    const others = ["a", "b", "c"].filter((_, n) => n !== own).join("");
    assert(
      others.split("").every((name) => found.includes(name)),
      `without the ${at}th character only ${found} is found`,
    );
  }
});

test("salvage() takes entries out of the one that swallowed them", () => {
  const found = salvage(
    `{"https://a.example": {"client_id": "a", "https://b.example": {"client_id": "b"}` +
      `, "note": 1}`,
  );
  assertEquals(found.map(({ key }) => key), ["https://a.example", "https://b.example"]);
});

test("salvage() takes the last of several entries with one key, as JSON does", () => {
  const found = salvage(
    `{"https://a.example": {"client_id": "1"}, "https://b.example": {"client_id": "b"},` +
      `"https://a.example": {"client_id": "2"}`,
  );
  const members = Object.entries(JSON.parse(`{${found.map(({ source }) => source).join()}}`));
  assertEquals(members, [
    ["https://a.example", { client_id: "2" }],
    ["https://b.example", { client_id: "b" }],
  ]);
  assertEquals(found.length, 2);
});

test("salvage() takes time in proportion to hostile text", () => {
  const unit = {
    deep: `"a":{`,
    quotes: `"`,
    escapes: `\\"`,
    backslashes: "\\",
    keys: `"a":`,
    wide: `"a":{"k":1,`,
  };
  for (const [name, text] of Object.entries(unit)) {
    assertEquals(salvage(text.repeat(200_000)), [], name);
  }
});

test("salvage() takes many entries out of one that swallowed them in proportion to their number", () => {
  const inner = Array.from(
    { length: 50_000 },
    (_, n) => `"https://${n}.example":{"client_id":"c"}`,
  );
  const found = salvage(`{"https://a.example":{"client_id":"a",${inner.join()}}`);
  assertEquals(found.length, 50_001);
});

test("salvage() reads UTF-16, as some shells write it", () => {
  const text = `{"https://a.example": {"client_id": "é"}, "https://b.example": {"client_id": "b`;
  for (const mark of ["", "\uFEFF"]) {
    const letters = [...mark + text].map((letter) => letter.charCodeAt(0));
    const little = new Uint8Array(letters.flatMap((code) => [code & 0xff, code >> 8]));
    const big = new Uint8Array(letters.flatMap((code) => [code >> 8, code & 0xff]));
    for (const bytes of [little, big]) {
      const source = `"https://a.example": {"client_id": "é"}`;
      assertEquals(salvage(bytes), [{ key: "https://a.example", source }]);
    }
  }
  assertEquals(salvage(new Uint8Array(8)), []);
});

/** The bytes of a text as PowerShell's `>` or an editor on Windows writes it. */
function utf16(text: string, order: "little" | "big"): Uint8Array {
  const letters = Array.from({ length: text.length }, (_, n) => text.charCodeAt(n));
  return new Uint8Array(letters.flatMap((code) => {
    const bytes = [code & 0xff, code >> 8];
    return order === "little" ? bytes : bytes.reverse();
  }));
}

for (const order of ["little", "big"] as const) {
  behaves(
    `files that were written anew in UTF-16, the ${order} end first, lose nothing`,
    async ({ open, place, warnings }) => {
      const fits = ["one", "two"].map((name) => ({ redirectUris: [`https://${name}.example/é`] }));
      const client = ({ redirectUris }: { redirectUris: string[] }, n: number) => ({
        client_id: `${n}`,
        redirect_uris: redirectUris,
        client_secret_expires_at: 0,
      });
      for (const [n, fit] of fits.entries()) {
        await open().getOrRegister(ISSUER, () => client(fit, n), fit);
      }
      await open().note(ISSUER, { seen: "é" });
      place.write(place.file, place.read(place.file).replace("{", `{"odd": 7,`));
      const files = [place.file, place.file.replace(".json", ".metadata.json")];
      const before = files.map((file) => JSON.parse(place.read(file)));
      for (const file of files) {
        const text = `\uFEFF${place.read(file).replaceAll("\n", "\r\n")}`;
        place.write(file, utf16(text, order));
      }
      await open().store(NEW, { client_id: "n" });
      for (const [n, fit] of fits.entries()) {
        assertEquals(await open().lookup(ISSUER, fit), client(fit, n));
      }
      const [registry, metadata] = files.map((file) => JSON.parse(place.read(file)));
      assertEquals(registry, { ...before[0], [NEW]: { client_id: "n" } });
      assertEquals(metadata, before[1]);
      assertEquals(place.names().filter((name) => name.includes(".corrupt-")).length, 2);
      assertEquals(warnings.length, 4);
    },
  );
}

behaves(
  "metadata in UTF-16 of which an end is lost give what is whole of them",
  async ({ open, place }) => {
    const metadata = place.file.replace(".json", ".metadata.json");
    await open().store(ISSUER, { client_id: "a", scope: "a" });
    await open().store(NEW, { client_id: "n", scope: "n" });
    const text = place.read(metadata);
    place.write(metadata, utf16(`\uFEFF${text.slice(0, text.lastIndexOf("scope"))}`, "little"));
    await open().store("https://last.example", { client_id: "l" });
    assertEquals(await open().lookup(ISSUER), { client_id: "a", scope: "a" });
    assertEquals(await open().lookup(NEW), { client_id: "n" });
  },
);

test("lookup() never rejects and store() loses no intact entry, in 6,000 damaged files", async () => {
  const next = random(SEED);
  for (let n = 0; n < 6000; n++) {
    const names = Array.from(
      { length: 1 + next(6) },
      (_, i) => `https://${i}-${next(1000)}.example`,
    );
    const entries = names.map((name) =>
      `${JSON.stringify(name)}: ${
        JSON.stringify({ client_id: `id-${next(1e6)}`, client_secret: "s".repeat(next(9)) })
      }`
    );
    const whole = `{\n  ${entries.join(",\n  ")}\n}\n`;
    const { bytes, damagedAt } = damage(whole, next);
    const runtime = createMemoryRuntime({ env: { HOME }, files: { [FILE]: bytes } });
    const store = openClientStore({ runtime, warn: () => {} });
    const label = `seed ${SEED}, file ${n}`;
    for (const issuer of [names[0] as string, NEW, "__proto__"]) await store.lookup(issuer);
    await store.list();
    await store.store(NEW, { client_id: "new" });
    assertEquals(await store.lookup(NEW), { client_id: "new" }, label);
    // Whatever lay wholly on one side of the damage must have survived it.
    let at = 4;
    for (const [i, entry] of entries.entries()) {
      const isWhole = damagedAt === undefined || at + entry.length + 2 < damagedAt.from ||
        at > damagedAt.to + 4;
      const client = await store.lookup(names[i] as string);
      if (isWhole && names.indexOf(names[i] as string) === names.lastIndexOf(names[i] as string)) {
        assertEquals(client, Object.values(JSON.parse(`{${entry}}`))[0], `${label}, entry ${i}`);
      }
      at += entry.length + 4;
    }
    // The damaged original is beside it, byte for byte, unless what is left is a JSON object.
    const kept = Object.keys(runtime.files()).find((path) => path.includes(".corrupt-"));
    const isObject = isJsonObject(bytes);
    assertEquals(kept === undefined, isObject, label);
    if (kept) assertEquals(runtime.fs.readFile(kept), bytes, label);
  }
});

function isJsonObject(bytes: Uint8Array): boolean {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

behaves(
  "a file that is empty only while another program writes it is neither rebuilt nor kept aside",
  async ({ open, place, warnings }) => {
    place.write(place.file, "");
    setTimeout(() => place.write(place.file, `{"https://a.example": {"client_id": "a"}}`), 15);
    await open().store(NEW, { client_id: "n" });
    assertEquals([...(await open().list()).keys()], ["https://a.example", NEW]);
    assertEquals([place.names(), warnings], [["registered.json"], []]);
  },
);

behaves(
  "a client that is lost in a damaged file is restored from its metadata",
  async ({ open, place, warnings }) => {
    const issuer = "https://auth.example";
    const given = { client_id: "given", client_secret: "s" };
    await open().store(issuer, given, { source: "pre-registered" });
    for (const damage of ["{", "", '{ "https://auth.example": { client_id']) {
      place.write(place.file, damage);
      // It is never registered over, whatever has become of the file.
      const register = () => raise(new Error("nobody is to be asked"));
      assertEquals(await open().getOrRegister(issuer, register), given);
      assertEquals((await open().list()).get(issuer)?.source, "pre-registered");
      assertMatch(warnings.splice(0).join(), /restored 1 that its metadata tell of/);
    }
    // Another program that removes the entry has logged out, all the same.
    place.write(place.file, "{}");
    assertEquals(await open().lookup(issuer), undefined);
  },
);
