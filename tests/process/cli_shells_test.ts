import { after, test } from "node:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { noTerminal, runOnTerminal } from "../support/pseudo_terminal.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(root, "src/cli/mod.ts");
const directory = mkdtempSync(join(tmpdir(), "client-store-shells-"));
after(() => rmSync(directory, { recursive: true }));

const isMissing = (shell: string) =>
  spawnSync(shell, ["-c", "true"]).status === 0 ? false : `${shell} is not installed`;

/** The completion script for a shell, as a file. */
async function scriptFor(shell: string): Promise<string> {
  const { code, output } = await run([...commandFor("bun", program), "completion", shell]);
  assertEquals(code, 0, output);
  const file = join(directory, `client-store.${shell}`);
  writeFileSync(file, output);
  return file;
}

/** Types lines into an interactive shell, where the command tells what it was run with. */
async function typed(shell: string[], prelude: string, lines: string[]): Promise<string[]> {
  const input = `${[`PS1="> "; ${prelude}`, ...lines, "exit"].join("\n")}\n`;
  const { output } = await runOnTerminal(shell, { input, env: { HOME: directory }, columns: 200 });
  // deno-lint-ignore no-control-regex
  return [...output.matchAll(/^(?:\x1b\[[?0-9;]*[a-zA-Z]|\r)*RAN:(.*)$/gm)].map(([, args = ""]) =>
    args
  );
}

const LINES = [
  "client-store ge\t https://a.example",
  "client-store show --show\t https://a.example",
  "client-store register --redir\t http://127.0.0.1/cb --cl\t Name",
  "client-store completion z\t",
];
const RAN = [
  "get https://a.example",
  "show --show-secrets https://a.example",
  "register --redirect-uri http://127.0.0.1/cb --client-name Name",
  "completion zsh",
];

test(
  "bash completes commands and their options",
  { skip: noTerminal || isMissing("bash") },
  async () => {
    const prelude = `client-store() { echo RAN:"$*"; }; source ${await scriptFor("bash")}`;
    assertEquals(await typed(["bash", "--norc", "-i"], prelude, LINES), RAN);
  },
);

test(
  "zsh completes commands and their options",
  { skip: noTerminal || isMissing("zsh") },
  async () => {
    const prelude = `autoload -U compinit && compinit -u -D; ` +
      `client-store() { print -r -- RAN:"$*" }; source ${await scriptFor("zsh")}`;
    assertEquals(await typed(["zsh", "-f", "-i"], prelude, LINES), RAN);
  },
);

test("fish completes commands and their options", { skip: isMissing("fish") }, async () => {
  const file = await scriptFor("fish");
  const complete = (line: string) => {
    const command = `source ${file}; complete -C ${JSON.stringify(line)}`;
    const { stdout, stderr } = spawnSync("fish", ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, HOME: directory },
    });
    assertEquals(stderr, "");
    return stdout.trimEnd().split("\n").map((found) => found.split("\t"));
  };
  assertEquals(complete("client-store ge"), [["get", COMMANDS.get?.summary]]);
  assertEquals(complete("client-store show --show"), [
    ["--show-secrets", COMMANDS.show?.options["show-secrets"]?.summary],
  ]);
  assertEquals(complete("client-store completion ").map(([word]) => word), ["bash", "fish", "zsh"]);
  assertEquals(
    complete("client-store ").map(([word]) => word).sort(),
    Object.keys(COMMANDS).sort(),
  );
});

test("a completion script names every command and option of the table", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { output } = await run([...commandFor("bun", program), "completion", shell]);
    for (const [name, { options }] of Object.entries(COMMANDS)) {
      assert(output.includes(name), `${shell}: ${name}`);
      for (const option of Object.keys(options)) assert(output.includes(option), option);
    }
  }
});
