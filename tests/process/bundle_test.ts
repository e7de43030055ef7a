import { test } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { bun, node, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

const PROGRAM = `
import { openClientStore } from ${JSON.stringify(join(root, "mod.ts"))};
const store = openClientStore({ path: process.argv[2] });
store.store("https://auth.example", { client_id: "abc123", scope: "read" })
  .then(() => store.lookup("https://auth.example"))
  .then((client) => console.log(JSON.stringify(client)));
`;

// Single executables of Node are made of one CommonJS file.
for (const format of ["esm", "cjs"]) {
  test(`a program works that is bundled into one ${format} file`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "client-store-bundle-"));
    try {
      const source = join(directory, "program.ts");
      const bundle = join(directory, format === "esm" ? "bundle.mjs" : "bundle.cjs");
      writeFileSync(source, PROGRAM);
      const options = [`--format=${format}`, "--target=node", `--outfile=${bundle}`];
      const built = await run([bun, "build", source, ...options], { cwd: root });
      assertEquals(built.code, 0, built.output);
      const ran = await run([node, bundle, join(directory, "registered.json")]);
      assertEquals(JSON.parse(ran.output), { client_id: "abc123", scope: "read" });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
