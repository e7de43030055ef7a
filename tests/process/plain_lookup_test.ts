import { test } from "node:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { metadataText } from "../support/metadata.ts";
import { commandFor, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PARTS = [
  "mod.ts",
  "src/core/client_store_error.ts",
  "src/file/file_client_store.ts",
  "src/file/registry_path.ts",
  "src/runtime/current.ts",
];

// Native modules that a plain lookup does without: they take longer to load than all of it.
const PROGRAM = `
const refuse = (what) => { throw new Error(what + " was touched"); };
if ("Deno" in globalThis) {
  Object.defineProperty(globalThis, "process", { get: () => refuse("process") });
} else if ("Bun" in globalThis) {
  process.getBuiltinModule = refuse;
}
const { lookup } = await import("./mod.ts");
console.log(JSON.stringify(await lookup("https://auth.example")));
`;

for (const runtime of ["deno", "bun", "node"]) {
  test(`a plain lookup() on ${runtime} needs five modules and nothing else of the library`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "client-store-plain-"));
    try {
      for (const part of PARTS) cpSync(join(root, part), join(directory, part));
      writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
      writeFileSync(join(directory, "program.ts"), PROGRAM);
      const clients = join(directory, "ocamlgpt");
      mkdirSync(clients);
      writeFileSync(
        join(clients, "registered.json"),
        JSON.stringify({ "https://auth.example": { client_id: "a", client_secret: "b" } }),
      );
      writeFileSync(
        join(clients, "registered.metadata.json"),
        metadataText({ "https://auth.example": { client_id: "a", scope: "c" } }),
      );
      const { code, output } = await run(commandFor(runtime, join(directory, "program.ts")), {
        cwd: root,
        env: { XDG_CONFIG_HOME: directory },
      });
      assertEquals(code, 0, output);
      const client = { client_id: "a", client_secret: "b", scope: "c" };
      assertEquals(JSON.parse(output.trim().split("\n").at(-1) ?? ""), client);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
