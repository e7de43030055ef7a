import { after, test } from "node:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

/** Issuers as anybody may have written them: what runs, expands or is an option must not be let loose. */
const HOSTILE = [
  "$(touch PWNED)",
  "`touch PWNED`",
  ";touch PWNED;",
  "'\"&|<>*?[a]{b,c}!!",
  "テナント",
];
const issuers = [
  "https://one.example/a=b:c",
  ...HOSTILE.map((path, n) => `https://hostile${n}.example/${path}`),
];
const stored = join(directory, "registered.json");
const NOT_OFFERED = ["--path=/etc/passwd", "https://odd.example/\x1b[2J", "$HOME", ""];
writeFileSync(
  stored,
  JSON.stringify(Object.fromEntries([...issuers, ...NOT_OFFERED].map((issuer) => [
    issuer,
    { client_id: "id" },
  ]))),
);

/** What the shells run as `client-store`: it tells what it is run with, and lists what is stored. */
const listing = join(directory, "client-store");
writeFileSync(
  listing,
  `#!/bin/sh
if [ "$1" = list ]; then
  exec ${commandFor("bun", program).map((one: string) => `'${one}'`).join(" ")} "$@"
fi
printf 'RAN:%s\\n' "$*"
`,
  { mode: 0o755 },
);

const ISSUER_LINES = [
  `client-store get --path ${stored} https://one\t`,
  `client-store verify --path=${stored} --fix https://one.example/a=b\t`,
  ...HOSTILE.map((_, n) => `client-store show --path ${stored} https://hostile${n}\t --json`),
  // The word is complete, and no other one is offered.
  `client-store get --path ${stored} https://odd\t`,
  `client-store get --path ${stored} --pa\t /x`,
];
const ISSUERS_RAN = [
  `get --path ${stored} https://one.example/a=b:c`,
  `verify --path=${stored} --fix https://one.example/a=b:c`,
  ...HOSTILE.map((path, n) => `show --path ${stored} https://hostile${n}.example/${path} --json`),
  `get --path ${stored} https://odd`,
  `get --path ${stored} --path /x`,
];

for (
  const [shell, command, load] of [
    ["bash", ["bash", "--norc", "-i"], "set +H;"],
    ["zsh", ["zsh", "-f", "-i"], "setopt no_bang_hist; autoload -U compinit && compinit -u -D;"],
  ] as const
) {
  test(
    `${shell} completes stored issuers, and runs nothing that is in one`,
    { skip: noTerminal || isMissing(shell) },
    async () => {
      const prelude = `${load} PATH="${directory}:$PATH"; cd ${directory}; source ${await scriptFor(
        shell,
      )}`;
      assertEquals(await typed([...command], prelude, ISSUER_LINES), ISSUERS_RAN);
      assertEquals(existsSync(join(directory, "PWNED")), false);
    },
  );

  test(
    `${shell} completes no issuer, and stays quiet, where none can be told`,
    { skip: noTerminal || isMissing(shell) },
    async () => {
      const prelude = `${load} client-store() { [ "$1" = list ] && { echo oops >&2; return 1; }; ` +
        `echo RAN:"$*"; }; source ${await scriptFor(shell)}`;
      const lines = ["client-store get https://one\t.example"];
      const input = typed([...command], prelude, lines);
      assertEquals(await input, ["get https://one.example"]);
    },
  );
}

test("fish completes stored issuers, and runs nothing that is in one", {
  skip: isMissing("fish"),
}, async () => {
  const file = await scriptFor("fish");
  const complete = (line: string, env = {}) => {
    const command = `source ${file}; complete -C ${JSON.stringify(line)}`;
    const { stdout, stderr } = spawnSync("fish", ["-c", command], {
      encoding: "utf8",
      cwd: directory,
      env: { ...process.env, HOME: directory, PATH: `${directory}:${process.env.PATH}`, ...env },
    });
    assertEquals(stderr, "");
    return stdout.split("\n").filter((found) => found !== "");
  };
  const found = complete(`client-store get --path ${stored} https://`);
  assertEquals(found.sort(), [...issuers].sort());
  assertEquals(complete(`client-store get --path=${stored} https://one`), issuers.slice(0, 1));
  assertEquals(complete("client-store get --path /dev/null https://"), []);
  assertEquals(existsSync(join(directory, "PWNED")), false);
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
