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
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/authorization_server.mjs";
import { printsOf, programsIn } from "../support/examples.ts";
import { anchorsOf, linksOf } from "../support/pages.ts";
import { commandFor, deno, denoResolution, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const markdownIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => folder === "." ? name : `${folder}/${name}`);
const read = (page: string) => readFileSync(join(root, page), "utf8");
const pages = ["README.md", ...markdownIn("docs")];
const programs = pages.flatMap((page) => programsIn(read(page)).map((code) => ({ page, code })));

/** One key for all programs, which share a database. */
const KEY = randomBytes(32).toString("base64");

/** A database for the programs that ask for one. */
const DATABASE_URL = process.env.TEST_POSTGRES_URL;

for (const page of new Set(programs.map(({ page }) => page))) {
  test(`every program that ${page} shows runs as it stands, and prints what it says, on each runtime`, async () => {
    const codes = programs.filter((program) => program.page === page).map(({ code }) => code);
    const server = await startServer();
    // The names of the package are known to programs within the project.
    const directory = mkdtempSync(join(root, "tests", "process", ".snippets-"));
    try {
      const runs = codes
        .filter((code) => DATABASE_URL || !code.includes("DATABASE_URL"))
        .flatMap((code, n) => ["deno", "bun", "node"].map((runtime) => ({ code, n, runtime })));
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
            DATABASE_URL,
            STORE_KEY: KEY,
          },
        });
        rmSync(home, { recursive: true });
        const where = `${page}, program ${n + 1} on ${runtime}`;
        assertEquals(exit, 0, `${where}: ${output}`);
        const said = printsOf(code);
        // What it does not say before it runs, such as a new identifier, may stand between.
        if (said) {
          assertEquals(
            output.split("\n").filter((line: string) => said.includes(line)),
            said,
            where,
          );
        }
      }
    } finally {
      rmSync(directory, { recursive: true });
      await server.close();
    }
  });
}

test("the pages show programs enough", () => {
  assert(programs.length >= 15, `${programs.length} programs`);
  assert(programs.filter(({ page }) => page === "README.md").length >= 3);
});

test("the programs that the pages show are right in their types", async () => {
  const directory = mkdtempSync(join(root, "tests", "process", ".snippets-"));
  try {
    const files = programs.map(({ page, code }, n) => {
      const file = join(directory, `${page.replace(/\W/g, "_")}_${n}.ts`);
      writeFileSync(file, code);
      return file;
    });
    const { code, output } = await run([deno, "check", ...denoResolution(), ...files], {
      cwd: root,
    });
    assertEquals(code, 0, output);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("what the pages link to is there, down to the heading", () => {
  for (const page of [...markdownIn("."), ...markdownIn("docs")]) {
    for (const link of linksOf(read(page))) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(page, "..", path);
      assert(existsSync(join(root, target)), `${page} links to ${link}`);
      if (anchor === undefined) continue;
      assert(anchorsOf(read(target)).includes(anchor), `${page} links to ${link}`);
    }
  }
});

test("each page of docs/ is linked to from the README", () => {
  const linked = linksOf(read("README.md")).map((link) => link.split("#")[0]);
  for (const page of markdownIn("docs")) assert(linked.includes(page), page);
});

test("the README tells the figures of the last run of the benchmarks", async () => {
  const { summaryOf } = await import("../../bench/summary.mjs");
  const [, told = ""] = /<!-- bench -->\n([\s\S]*?)<!-- \/bench -->/.exec(read("README.md")) ?? [];
  const words = (text: string) => text.replace(/[\s-]+/g, " ").trim();
  const results = JSON.parse(read("bench/results.json"));
  // `node bench/summary.mjs` writes it anew.
  assertEquals(
    words(told).replace(/:(?= \|)/g, ""),
    words(summaryOf(results)).replace(/:(?= \|)/g, ""),
  );
});
