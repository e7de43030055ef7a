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
const isAdapter = (file: string) => file.startsWith("src/runtime/");
const feature = (file: string) => /^src\/(registration|mcp|cli)\//.exec(file)?.[1];

interface Import {
  specifier: string;
  /** The file of this project that it names. */
  file: string | undefined;
  kind: "static" | "dynamic" | "type";
}

/** What a file imports and re-exports, comments left out. */
function importsOf(file: string): Import[] {
  const code = read(file).replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
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

test("only adapters name a runtime", () => {
  for (const file of files.filter((file) => !isAdapter(file))) {
    const found = /node:|\bDeno\.|\bBun\.|\bprocess\./.exec(read(file));
    assertEquals(found?.[0], undefined, file);
  }
});

test("the Deno adapter touches neither node: nor process", () => {
  const code = read("src/runtime/deno.ts").replace(/\/\*[\s\S]*?\*\//g, "");
  assert(!/node:|process/.test(code));
});

test("imports point one way: entries, features, core, runtime; adapters know interfaces only", () => {
  for (const file of files) {
    for (const { file: target, kind } of importsOf(file)) {
      if (target === undefined || kind === "type" && target === "src/runtime.ts") continue;
      assert(files.includes(target), `${file} imports ${target}`);
      const label = `${file} imports ${target}`;
      if (isAdapter(file)) assert(isAdapter(target), label);
      else assert(!isAdapter(target), label);
      if (feature(target)) assertEquals(feature(file), feature(target), label);
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

test("what a plain lookup loads is three small modules, and nothing that locks, writes or registers", () => {
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
    "src/client_store_error.ts",
    "src/file_client_store.ts",
  ]);
});

test("the package depends on @std, and for ./registration on oauth4webapi", () => {
  for (const file of files) {
    for (const { specifier, file: target, kind } of importsOf(file)) {
      if (target !== undefined) continue;
      const allowed = isAdapter(file)
        ? /^node:(fs|path)$|^@std\/path\/(posix|windows)\/join$/
        : feature(file) === "registration"
        ? /^oauth4webapi$/
        : /^$/;
      assert(
        kind === "type" && specifier === "@std/json" || allowed.test(specifier),
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
