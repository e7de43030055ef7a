import { test } from "node:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { commandFor, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a plain lookup loads, and what it takes to read the arguments and to print. */
const PARTS = [
  "mod.ts",
  "src/core/client_store_error.ts",
  "src/file/file_client_store.ts",
  "src/file/registry_path.ts",
  "src/runtime/current.ts",
  "src/runtime/main_module.ts",
  "src/runtime/terminal.ts",
  "src/cli/arguments.ts",
  "src/cli/commands.ts",
  "src/cli/exit_code.ts",
  "src/cli/get.ts",
  "src/cli/load_command.ts",
  "src/cli/mod.ts",
];

// What takes longer to load than all of it: the process on Deno, its streams on Bun and Node.
const PROGRAM = `
const refuse = (what) => { throw new Error(what + " was touched"); };
if ("Deno" in globalThis) {
  Object.defineProperty(globalThis, "process", { get: () => refuse("process") });
} else {
  for (const name of ["stdin", "stdout", "stderr"]) {
    Object.defineProperty(process, name, { get: () => refuse(name) });
  }
  if ("Bun" in globalThis) process.getBuiltinModule = refuse;
}
const { main } = await import("./src/cli/mod.ts");
await main();
`;

for (const runtime of ["deno", "bun", "node"]) {
  test(`get on ${runtime} loads a lookup, the table of commands, and nothing else`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "client-store-start-"));
    try {
      for (const part of PARTS) cpSync(join(root, part), join(directory, part));
      writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
      writeFileSync(join(directory, "program.ts"), PROGRAM);
      mkdirSync(join(directory, "ocamlgpt"));
      const entry = { client_id: "a", client_secret: "b" };
      writeFileSync(
        join(directory, "ocamlgpt", "registered.json"),
        JSON.stringify({ "https://auth.example": entry }),
      );
      const get = async (...args: string[]) => {
        const command = commandFor(runtime, join(directory, "program.ts"), ["-A", "--quiet"]);
        const options = { cwd: root, env: { XDG_CONFIG_HOME: directory } };
        return await run([...command, "get", "https://auth.example", ...args], options);
      };
      const { code, output } = await get();
      assertEquals([code, output], [0, "a\n"]);
      assertEquals((await get("--field", "client_secret")).output, "b\n");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
