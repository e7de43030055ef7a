import { test } from "node:test";
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { shellWord } from "../../src/core/shell_word.ts";

const isOnWindows = globalThis.process.platform === "win32";

test("a shell takes what is quoted for it as it stands", { skip: isOnWindows }, () => {
  const odd = fc.constantFrom(..."'\"\\$`!;&|<>()*?[]{}~# \n\t=é日C:/");
  const text = fc.oneof(fc.array(odd, { maxLength: 12 }).map((all) => all.join("")), fc.string());
  // One shell for all of them: each takes milliseconds.
  const isOfWindows = (one: string) => /^([A-Za-z]:|\\)\\/.test(one);
  const texts = fc.sample(text.filter((one) => !one.includes("\0") && !isOfWindows(one)), 500);
  texts.push("", "-n", "~/x", "$(touch x)", "it's", "\\a$(touch x)", "/home/u/.config/ocamlgpt");
  const words = texts.map((one) => shellWord(one));
  const script = words.map((word) => `printf '%s\\0' ${word}`).join("\n");
  const { stdout, stderr } = spawnSync("sh", ["-s"], { input: script, encoding: "utf8" });
  assertEquals([stdout.split("\0").slice(0, -1), stderr], [texts, ""]);
});

test("what needs no quotes has none, and a path of Windows has its own", () => {
  assertEquals(shellWord("/home/u/.config/ocamlgpt"), "/home/u/.config/ocamlgpt");
  assertEquals(shellWord("C:\\Users\\u v\\.config"), '"C:\\Users\\u v\\.config"');
});
