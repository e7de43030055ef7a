import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { commandFor, run } from "./runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs the programs that a page shows, and marks with what they need, on each runtime. */
export async function runMarked(
  page: string,
  mark: string,
  env: { [name: string]: string },
): Promise<void> {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = text.matchAll(/^```ts (.+)\n([\s\S]*?)^```$/gm);
  const codes = [...blocks].flatMap(([, marked, code = ""]) => marked === mark ? [code] : []);
  assert(codes.length > 0, `${page} shows no program for ${mark}`);
  // The names of the package are known to programs within the project.
  const directory = mkdtempSync(join(root, "tests", "process", ".snippets-"));
  try {
    const program = join(directory, "program.ts");
    for (const code of codes) {
      writeFileSync(program, code);
      for (const runtime of ["deno", "bun", "node"]) {
        const { code: exit, output } = await run(commandFor(runtime, program), { cwd: root, env });
        assertEquals(exit, 0, `${page}, for ${mark}, on ${runtime}: ${output}`);
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
