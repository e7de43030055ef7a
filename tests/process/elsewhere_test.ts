import { test } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { bun, node, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a program in one file, after what makes Node another place. */
async function runIn(place: string, program: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "client-store-elsewhere-"));
  try {
    const [source, bundle] = [join(directory, "program.ts"), join(directory, "bundle.mjs")];
    writeFileSync(source, program);
    const built = await run([bun, "build", source, "--format=esm", `--outfile=${bundle}`], {
      cwd: root,
    });
    assertEquals(built.code, 0, built.output);
    const start = join(directory, "start.mjs");
    writeFileSync(start, `${place}\nawait import("./bundle.mjs");\n`);
    return (await run([node, start])).output;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const USE = `
import { list, lookup, openClientStore, store } from ${JSON.stringify(join(root, "mod.ts"))};
const said = async (attempt) => {
  try {
    return await attempt() ?? null;
  } catch (error) {
    return [error.name, error.code, error.message];
  }
};
const issuer = "https://auth.example";
console.log(JSON.stringify({
  lookup: await said(() => lookup(issuer)),
  list: [...await list()],
  ofPath: await said(() => openClientStore({ path: "/x/registered.json" }).lookup(issuer)),
  store: await said(() => store(issuer, { client_id: "a" })),
  storeInPath: await said(() => openClientStore({ path: "/x/y.json" }).store(issuer, { client_id: "a" })),
}));
`;

const WITHOUT_PROCESS = {
  "there is no process at all": "delete globalThis.process;",
  "process is what a bundler makes it": "globalThis.process = { env: {} };",
};

for (const [name, place] of Object.entries(WITHOUT_PROCESS)) {
  test(`lookup() and list() find nothing where ${name}, and store() says why`, async () => {
    const said = JSON.parse(await runIn(place, USE));
    assertEquals([said.lookup, said.list, said.ofPath], [null, [], null]);
    for (const [name, code, message] of [said.store, said.storeInPath]) {
      assertEquals([name, code], ["ClientStoreError", "ENOSYS"]);
      assertStringIncludes(message, "there is no file system here");
    }
  });
}

test("a Node that is too old is told of at import", async () => {
  const output = await runIn("process.getBuiltinModule = undefined;", USE);
  assertStringIncludes(
    output,
    "TypeError: @oauth2/client-store needs Node 20.16, 22.3 or later: this",
  );
});

test("one signal for many calls is no reason for a warning on Node", async () => {
  const output = await runIn(
    "",
    `
    import { openClientStore } from ${JSON.stringify(join(root, "mod.ts"))};
    import { createMemoryRuntime } from ${JSON.stringify(join(root, "src/runtime/memory.ts"))};
    const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/h" } }) });
    const { signal } = new AbortController();
    const register = () => new Promise((resolve) => setTimeout(() => resolve({ client_id: "a" }), 9));
    await Promise.all(Array.from({ length: 40 }, (_, n) =>
      store.getOrRegister("https://" + n % 20 + ".example", register, { signal })
    ));
    await Promise.all(Array.from({ length: 40 }, (_, n) =>
      store.store("https://" + n % 20 + ".example", { client_id: "b" }, { signal })
    ));
    console.log("done");
  `,
  );
  assertEquals(output, "done\n");
});
