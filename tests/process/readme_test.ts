import { test } from "node:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/authorization_server.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith(".md"));

/** The programs that a page shows, each whole. */
function snippetsIn(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
}

for (const page of pages) {
  test(`every program that ${page} shows runs as it stands, on each runtime`, async () => {
    const server = await startServer();
    // The names of the package are known to programs within the project.
    const directory = mkdtempSync(join(root, "tests", "process", ".snippets-"));
    try {
      const runs = snippetsIn(page).flatMap((code, n) =>
        ["deno", "bun", "node"].map((runtime) => ({ code, n, runtime }))
      ).filter(({ code }) =>
        process.env.TEST_POSTGRES_URL !== undefined || !code.includes("DATABASE_URL")
      );
      for (const { code, n, runtime } of runs) {
        const home = join(tmpdir(), `client-store-readme-${crypto.randomUUID()}`);
        mkdirSync(home);
        const program = join(directory, `${n}.ts`);
        writeFileSync(program, code.replaceAll("https://auth.example", server.issuer));
        const { code: exit, output } = await run(commandFor(runtime, program), {
          cwd: root,
          env: {
            HOME: home,
            XDG_CONFIG_HOME: "",
            PATH: process.env.PATH ?? "",
            DATABASE_URL: process.env.TEST_POSTGRES_URL,
            STORE_KEY: btoa("k".repeat(32)),
          },
        });
        rmSync(home, { recursive: true });
        assertEquals(exit, 0, `${page}, program ${n + 1} on ${runtime}: ${output}`);
      }
      if (page === "README.md") assert(runs.length >= 15, `${runs.length} runs`);
    } finally {
      rmSync(directory, { recursive: true });
      await server.close();
    }
  });
}

test("what the pages link to is there", () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      assert(existsSync(join(root, page, "..", target)), `${page} links to ${target}`);
    }
  }
});
