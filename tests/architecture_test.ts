import { test } from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = readdirSync(join(root, "src"), { recursive: true })
  .map((name) => `src/${String(name).replaceAll("\\", "/")}`)
  .filter((name) => name.endsWith(".ts"));

const read = (file: string) => readFileSync(join(root, file), "utf8");
/** The rooms of the house: for each folder the ones below it, which alone it may import. */
const BELOW: { [folder: string]: readonly string[] } = {
  core: [],
  runtime: [],
  file: ["core", "runtime"],
  documents: ["core", "runtime"],
  postgres: ["core", "documents"],
  redis: ["core", "documents"],
  memory: ["core", "documents", "runtime"],
  registration: ["core"],
  mcp: ["core", "registration"],
  cli: ["core", "registration", "entry", "runtime"],
  entry: ["core", "file", "runtime"],
};

/** The folder of a file below `src/`; `mod.ts` is the entry. */
const folderOf = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1] ?? "entry";

interface Import {
  specifier: string;
  /** The file of this project that it names. */
  file: string | undefined;
  kind: "static" | "dynamic" | "type";
}

/** The code of a file, comments left out. */
function codeOf(file: string): string {
  return read(file).replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** What a file imports and re-exports, comments left out. */
function importsOf(file: string): Import[] {
  const code = codeOf(file);
  const found: Import[] = [];
  const add = (specifier: string, kind: Import["kind"]) => {
    const target = specifier.startsWith(".")
      ? relative(root, join(root, dirname(file), specifier)).replaceAll("\\", "/")
      : undefined;
    found.push({ specifier, file: target, kind });
  };
  for (
    const [, clause = "", specifier = ""] of code.matchAll(
      /(?:^|\n)(?:import|export)\s+([^;"]*?)\s*from\s+"([^"]+)"/g,
    )
  ) {
    const names = clause.replace(/^\{|\}$/g, "").split(",").filter((name) => name.trim() !== "");
    const isType = clause.startsWith("type ") ||
      clause.startsWith("{") && names.every((name) => name.trim().startsWith("type "));
    add(specifier, isType ? "type" : "static");
  }
  for (const [, specifier = ""] of code.matchAll(/\bimport\("([^"]+)"\)/g)) {
    add(specifier, "dynamic");
  }
  return found;
}

test("every file lies in a room of the house", () => {
  for (const file of files) assert(folderOf(file) in BELOW && folderOf(file) !== "entry", file);
});

test("only src/runtime names a runtime", () => {
  for (const file of ["mod.ts", ...files].filter((file) => folderOf(file) !== "runtime")) {
    const found = /node:|\bDeno\.|\bBun\.|\bprocess\./.exec(codeOf(file));
    // The command line reads its arguments by what every runtime has.
    const isAllowed = found === null || folderOf(file) === "cli" && found[0] === "node:";
    assert(isAllowed, `${file}: ${found?.[0]}`);
  }
});

test("the Deno adapter touches neither node: nor process", () => {
  assert(!/node:|process/.test(codeOf("src/runtime/deno.ts")));
});

test("imports point down, and never to a neighbour", () => {
  for (const file of ["mod.ts", ...files]) {
    const folder = folderOf(file);
    for (const { file: target, kind } of importsOf(file)) {
      if (target === undefined) continue;
      const label = `${file} imports ${target}`;
      assert(target === "mod.ts" || files.includes(target), label);
      if (folderOf(target) === folder) continue;
      assert(BELOW[folder]?.includes(folderOf(target)), label);
      // What knows of runtimes knows their interface only; which one it is, the entries say.
      if (folder === "documents") {
        assert(target === "src/runtime/async_local.ts" || folderOf(target) === "core", label);
      }
      if (folder === "file") {
        assert(
          target === "src/runtime/runtime.ts" && kind === "type" || folderOf(target) === "core",
          label,
        );
      }
    }
  }
});

test("adapters know each other no more than they must: Bun's is Node's with less", () => {
  // What they share, and what belongs to one of them only.
  const shared = [
    "src/runtime/async_local.ts",
    "src/runtime/change_access.ts",
    "src/runtime/regular_file.ts",
  ];
  const own = {
    "src/runtime/bun.ts": ["src/runtime/node.ts", "src/runtime/node_stats.ts"],
    "src/runtime/deno.ts": ["src/runtime/deno_errors.ts", "src/runtime/deno_owner.ts"],
    "src/runtime/memory.ts": ["src/runtime/memory_file_system.ts"],
    "src/runtime/node.ts": ["src/runtime/node_permissions.ts", "src/runtime/node_stats.ts"],
  } as { [file: string]: string[] };
  for (const file of files.filter((file) => folderOf(file) === "runtime")) {
    for (const { file: target, kind } of importsOf(file)) {
      const isKnown = target === undefined ||
        target === "src/runtime/runtime.ts" && kind === "type" ||
        kind === "dynamic" && file === "src/runtime/current.ts" ||
        [...shared, ...own[file] ?? []].includes(target);
      assert(isKnown, `${file} imports ${target}`);
    }
  }
});

test("no module imports itself in a circle", () => {
  const visit = (file: string, path: string[]): void => {
    assert(!path.includes(file), [...path, file].join(" → "));
    for (const { file: target, kind } of importsOf(file)) {
      if (target && kind !== "type") visit(target, [...path, file]);
    }
  };
  for (const file of files) visit(file, []);
});

test("what a plain lookup loads is five small modules, and nothing that locks, writes or registers", () => {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    loaded.add(file);
    for (const { specifier, file: target, kind } of importsOf(file)) {
      if (kind !== "static") continue;
      assert(target, `${file} imports ${specifier}`);
      if (!loaded.has(target)) visit(target);
    }
  };
  visit("mod.ts");
  assertEquals([...loaded].sort(), [
    "mod.ts",
    "src/core/client_store_error.ts",
    "src/file/file_client_store.ts",
    "src/file/registry_path.ts",
    "src/runtime/current.ts",
  ]);
});

test("what asks a server is loaded by ./registration when a server is asked", () => {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    loaded.add(file);
    for (const { specifier, file: target, kind } of importsOf(file)) {
      if (kind !== "static") continue;
      assert(target, `${file} imports ${specifier}`);
      if (!loaded.has(target)) visit(target);
    }
  };
  visit("src/registration/mod.ts");
  for (const name of ["discovery", "registration_request", "managed_client", "request"]) {
    assert(files.includes(`src/registration/${name}.ts`), name);
    assert(!loaded.has(`src/registration/${name}.ts`), name);
  }
});

test("the package depends on @std, and for ./registration on oauth4webapi", () => {
  for (const file of files) {
    for (const { specifier, file: target, kind } of importsOf(file)) {
      if (target !== undefined) continue;
      const allowed = {
        runtime: /^node:(fs|path)$|^@std\/path\/(posix|windows)\/join$/,
        registration: /^oauth4webapi$/,
        cli: /^node:util$/,
      }[folderOf(file)] ?? /^$/;
      assert(
        kind === "type" && specifier === "@std/json/types" || allowed.test(specifier),
        `${file}: ${specifier}`,
      );
    }
  }
});

test("no file is longer than 250 lines, and none is a drawer for everything", () => {
  for (const file of files) {
    assert(read(file).split("\n").length <= 251, file);
    assert(!/(utils|common|index|types|helpers)\.ts$/.test(file), file);
  }
});
