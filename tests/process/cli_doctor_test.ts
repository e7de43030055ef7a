import { after, test } from "node:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("../../src/cli/mod.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "client-store-doctor-"));
after(() => rmSync(directory, { recursive: true }));
const SECRET = "s3cr3t-canary";

interface Found {
  code: string;
  path: string;
  what: string;
  meaning: string;
  advice: string;
  isMendable: boolean;
}

/** What doctor says; its standard error is left out of what must be JSON. */
async function doctor(runtime: string, path: string, ...args: string[]) {
  const command = [...commandFor(runtime, program), "doctor", `--path=${path}`, ...args];
  const { code, output } = await run(command, { cwd: root });
  assert(!output.includes(SECRET), output);
  return { code, output };
}

async function findings(runtime: string, path: string, ...args: string[]) {
  const { code, output } = await doctor(runtime, path, "--json", "--quiet", ...args);
  const found: Found[] = JSON.parse(output);
  for (const { what, meaning, advice } of found) {
    assert(what !== "" && meaning !== "" && advice !== "");
  }
  return { code, found, codes: found.map(({ code }) => code).sort() };
}

async function newStore(): Promise<string> {
  const path = join(directory, crypto.randomUUID(), "registered.json");
  const client = { client_id: "a", client_secret: SECRET, scope: "b" };
  await openClientStore({ path }).store("https://auth.example", client);
  return path;
}

for (const runtime of ["deno", "bun", "node"]) {
  test(`on ${runtime}, doctor finds nothing wrong with a store as it is written`, async () => {
    const path = await newStore();
    const { code, found } = await findings(runtime, path);
    assertEquals([code, found], [0, []]);
    const nothing = join(directory, "nothing", "registered.json");
    assertEquals((await findings(runtime, nothing)).codes, []);
  });

  test(`on ${runtime}, doctor mends modes, locks and what dead processes have left`, async () => {
    const path = await newStore();
    chmodSync(path, 0o644);
    writeFileSync(`${path}.lock`, "3e3a0c5e-0000-4000-8000-000000000000", { mode: 0o600 });
    const before = await findings(runtime, path);
    assertEquals([before.code, before.codes], [1, ["lock", "mode"]]);
    const after = await findings(runtime, path, "--fix", "--yes");
    assertEquals([after.code, after.codes], [0, []]);
    assertEquals(statSync(path).mode & 0o777, 0o600);
    assertEquals(
      (await openClientStore({ path }).lookup("https://auth.example"))?.client_secret,
      SECRET,
    );
  });

  test(`on ${runtime}, doctor says what --fix would do, and does that to directories, too`, async () => {
    const path = await newStore();
    chmodSync(path, 0o644);
    chmodSync(dirname(path), 0o777);
    const { code, output } = await doctor(runtime, path);
    assertEquals(code, 1, output);
    for (const told of ["--fix", `chmod 700 ${dirname(path)}`, `chmod 600 ${path}`]) {
      assert(output.includes(told), output);
    }
    assert(/meaning: .*secrets/.test(output), output);
    assertEquals(statSync(dirname(path)).mode & 0o777, 0o777);
    const after = await findings(runtime, path, "--fix", "--yes");
    assertEquals([after.code, after.codes], [0, []]);
    assertEquals([path, dirname(path)].map((one) => statSync(one).mode & 0o777), [0o600, 0o700]);
  });

  test(`on ${runtime}, doctor finds out that nothing can be stored where nothing is yet`, {
    skip: process.getuid?.() === 0 ? false : "only root may run a command as nobody",
  }, async () => {
    const home = join(directory, crypto.randomUUID());
    mkdirSync(home, { mode: 0o755 });
    chmodSync(directory, 0o755);
    const path = join(home, "it's mine", "registered.json");
    const nobody = { uid: 65_534, gid: 65_534 };
    const cache = join(directory, crypto.randomUUID());
    mkdirSync(cache);
    chownSync(cache, nobody.uid, nobody.gid);
    const command = [...commandFor(runtime, program), "doctor", `--path=${path}`];
    const options = { cwd: root, ...nobody, env: { HOME: cache, DENO_DIR: cache, TMPDIR: cache } };
    const { code, output } = await run(command, options);
    assertEquals(code, 1, output);
    assert(/cannot be changed: .*\(EACCES\)/.test(output), output);
    assert(output.includes("to do: ") && output.includes(home), output);
  });

  test(`on ${runtime}, doctor says what to do where there is no home`, async () => {
    const command = [...commandFor(runtime, program, ["-A"]), "doctor"];
    // The runtimes themselves would keep what they have compiled in such a home.
    const caches = {
      DENO_DIR: join(directory, "deno"),
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    };
    for (const HOME of ["", "relative", "~"]) {
      const env = { ...caches, HOME, XDG_CONFIG_HOME: "", USERPROFILE: "" };
      const { code, output } = await run(command, { cwd: root, env });
      assertEquals(code, 1, output);
      assert(output.includes("set HOME or XDG_CONFIG_HOME") && output.includes("--path"), output);
    }
  });

  test(`on ${runtime}, doctor finds what lies beside a file that is named without a directory`, async () => {
    const path = await newStore();
    const lock = "registered.json.0123456789abcdef.lock"; // it takes seconds to find out
    for (const name of ["registered.json.corrupt-1", ...(runtime === "bun" ? [lock] : [])]) {
      writeFileSync(join(dirname(path), name), "left", { mode: 0o600 });
    }
    chmodSync(dirname(path), 0o755);
    const command = commandFor(runtime, program)
      .map((one: string) => one === "tsx" ? import.meta.resolve("tsx") : one)
      .concat("doctor", "--path=registered.json");
    const inPlace = async (...args: string[]) => {
      const options = {
        cwd: dirname(path),
        env: { TSX_TSCONFIG_PATH: join(root, "tsconfig.json") },
      };
      return JSON.parse((await run([...command, "--json", "--quiet", ...args], options)).output);
    };
    const codes = (found: Found[]) => found.map(({ code }) => code).sort();
    const locks = runtime === "bun" ? ["lock"] : [];
    assertEquals(codes(await inPlace()), ["copy", "directory mode", ...locks]);
    assertEquals(codes(await inPlace("--fix", "--yes")), ["copy"]);
  });

  test(`on ${runtime}, doctor asks before it mends`, async () => {
    const path = await newStore();
    chmodSync(path, 0o644);
    const { code, output } = await doctor(runtime, path, "--fix");
    assertEquals(code, 2, output);
    assert(output.includes("--yes"), output);
    assertEquals(statSync(path).mode & 0o777, 0o644);
  });

  test(`on ${runtime}, doctor rebuilds a damaged file and keeps what it was`, async () => {
    const path = await newStore();
    const damaged = readFileSync(path, "utf8").replace(/\}\s*$/, "");
    writeFileSync(path, damaged);
    const before = await findings(runtime, path);
    assertEquals([before.code, before.codes], [1, ["damaged"]]);
    const after = await findings(runtime, path, "--fix", "--yes");
    assertEquals([after.code, after.codes], [0, ["copy"]]);
    const copy = readdirSync(dirname(path)).find((name) => name.includes(".corrupt-")) ?? "";
    assertEquals(readFileSync(join(dirname(path), copy), "utf8"), damaged);
    const client = await openClientStore({ path }).lookup("https://auth.example");
    assertEquals(client?.client_secret, SECRET);
  });

  test(`on ${runtime}, doctor rebuilds damaged metadata, and leaves a later version alone`, async () => {
    const path = await newStore();
    const metadata = path.replace(".json", ".metadata.json");
    const text = readFileSync(metadata, "utf8");
    writeFileSync(metadata, text.slice(0, -4));
    assertEquals((await findings(runtime, path)).codes, ["metadata damaged"]);
    const after = await findings(runtime, path, "--fix", "--yes");
    assertEquals([after.code, after.codes], [0, ["copy"]]);
    assertEquals((await openClientStore({ path }).lookup("https://auth.example"))?.scope, "b");
    const later = text.replace('"version": 1', '"version": 7');
    writeFileSync(metadata, later);
    for (const args of [[], ["--fix", "--yes"]]) {
      const { code, codes } = await findings(runtime, path, ...args);
      assertEquals([code, codes], [1, ["copy", "metadata version"]]);
    }
    assertEquals(readFileSync(metadata, "utf8"), later);
  });

  test(`on ${runtime}, doctor names links, directories for all and both spellings`, async () => {
    const path = await newStore();
    const both = {
      "https://a.example": { client_id: "x" },
      "https://a.example/": { client_id: "y" },
    };
    writeFileSync(path, JSON.stringify(both), { mode: 0o600 });
    chmodSync(dirname(path), 0o755);
    const link = join(directory, `${crypto.randomUUID()}.json`);
    symlinkSync(path, link);
    const { code, codes, found } = await findings(runtime, link);
    assertEquals([code, codes], [1, ["directory mode", "link", "two spellings"]]);
    const spelling = found.find(({ code }) => code === "two spellings");
    assert(spelling?.what.includes("x") && spelling.what.includes("y"), spelling?.what);
    const told = await doctor(runtime, link);
    assert(told.output.includes("chmod 700"), told.output);
  });

  test(`on ${runtime}, doctor names what is no file`, async () => {
    const path = join(directory, crypto.randomUUID(), "registered.json");
    mkdirSync(path, { recursive: true });
    chmodSync(dirname(path), 0o700);
    const { code, codes } = await findings(runtime, path);
    assertEquals([code, codes], [1, ["not a file"]]);
  });
}
