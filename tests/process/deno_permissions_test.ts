import { test } from "node:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assertEquals, assertMatch } from "@std/assert";
import { noTerminal, runOnTerminal } from "../support/pseudo_terminal.mjs";
import { commandFor } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const at = (file: string) => JSON.stringify(pathToFileURL(join(root, file)).href);

/** Runs a program on Deno at a terminal, where it would ask for what it lacks, and wait for ever. */
async function atTerminal(program: string, permissionsFor: (directory: string) => string[]) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "client-store-deno-")));
  const directory = join(home, "allowed");
  try {
    mkdirSync(directory);
    writeFileSync(join(home, "program.ts"), program);
    const command = [
      ...commandFor("deno", join(home, "program.ts"), permissionsFor(directory)),
      directory,
    ];
    const { output } = await runOnTerminal(command, { cwd: root, reply: ["Allow?", "n\n"] });
    // deno-lint-ignore no-control-regex
    const text = output.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");
    return text.replaceAll(directory, "<directory>").trim();
  } finally {
    rmSync(home, { recursive: true });
  }
}

const STORING = `
import { openClientStore } from ${at("mod.ts")};
const [directory] = Deno.args;
const store = (name: string) =>
  openClientStore({ path: directory + "/" + name }).store("https://auth.example", { client_id: "a" })
    .then(() => "stored", ({ code, message }) => code + message.slice(message.indexOf(": run")));
`;

test(
  "a program on Deno that gives up a permission is told so, and never asked",
  { skip: noTerminal },
  async () => {
    const program = `${STORING}
console.log(await store("one.json"));
Deno.permissions.revokeSync({ name: "write", path: directory });
console.log(await store("two.json"));`;
    const output = await atTerminal(program, (one) => ["--allow-read", `--allow-write=${one}`]);
    assertEquals(output, "stored\nEACCES: run with --allow-write=<directory>");
  },
);

test(
  "on Deno nothing is stored beside metadata that may not be read, where no lookup would find it",
  { skip: noTerminal },
  async () => {
    const program = `${STORING}\nconsole.log(await store("one.json"), await store("one.json"));`;
    const denied = (one: string) => `--deny-read=${join(one, "one.metadata.json")}`;
    const output = await atTerminal(
      program,
      (one) => ["--allow-read", denied(one), `--allow-write=${one}`],
    );
    const error = "EACCES: run with --allow-read=<directory>";
    assertEquals(output, `${error} ${error}`);
  },
);

test(
  "Deno's adapter flushes directories alone, with whatever leave to read",
  { skip: noTerminal },
  async () => {
    const program = `
import { denoRuntime } from ${at("src/runtime/deno.ts")};
const [directory] = Deno.args;
const flush = (path: string) => {
  try {
    return String(denoRuntime.fs.flushDirectory(path));
  } catch (error) {
    return (error as { code: string }).code;
  }
};
console.log([directory, directory + "/../program.ts", directory + "/no"].map(flush).join());`;
    for (const flag of ["--allow-all", "--allow-read"]) {
      assertMatch(await atTerminal(program, () => [flag]), /^undefined,ENOTDIR,ENOENT$/);
    }
  },
);
