import { test } from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { COMMANDS, COMMON } from "../../src/cli/commands.ts";
import { inOwnWords, OWN_WORDS } from "../../src/cli/own_words.ts";

const source = fileURLToPath(new URL("../../src/", import.meta.url));
const known = Object.values(COMMANDS).flatMap(({ options }) => Object.keys(options))
  .concat(Object.keys(COMMON));

test("what is said in other words stands in a message of the library", () => {
  const code = readdirSync(source, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.startsWith("cli"))
    .map((name) => readFileSync(join(source, name), "utf8").replace(/"\s*\+\s*"/g, ""))
    .join("\n");
  const options = ["appName", "tenant", "path"];
  for (const [library] of OWN_WORDS) {
    const [, option] = /^Cannot open client store: (\w+) $/.exec(library) ?? [];
    if (option === undefined) assert(code.includes(library), library);
    else assert(options.includes(option) && code.includes(`checkOption("${option}", `), library);
  }
});

test("the words of the command line name options that there are", () => {
  for (const [, own] of OWN_WORDS) {
    for (const [, option = ""] of own.matchAll(/--([a-z-]+)/g)) assert(known.includes(option), own);
  }
});

test("what is asked for is told by the options that ask for it", () => {
  assertEquals(
    inOwnWords("It does not cover what was asked for (redirect_uris, scope): it is used"),
    "It does not cover what was asked for (--redirect-uri, --scope): it is used",
  );
  assertEquals(inOwnWords("x: the server said redirect_uris"), "x: the server said redirect_uris");
});
