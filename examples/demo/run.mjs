// The main job, on real parts: a program asks a real authorization server for a client once, and
// every later run, on any of the three runtimes, re-uses it. Ends non-zero unless that holds.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandFor, run } from "../../tests/support/runtimes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
// The server warns that its host is not its favourite version of Node; nobody here can help that.
console.warn = () => {};
console.info = () => {};
const { startAuthorizationServer } = await import("./authorization_server.mjs");

const home = mkdtempSync(join(tmpdir(), "client-store-demo-"));
const server = await startAuthorizationServer();
const file = join(home, "ocamlgpt", "registered.json");
const directory = join(home, "ocamlgpt");
const permissions = [
  "--no-prompt",
  "--allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE",
  `--allow-read=${directory}`,
  `--allow-write=${directory}`,
  `--allow-net=${new URL(server.issuer).host}`,
];
const program = join(root, "examples", "register_once.ts");
let isGood = true;
try {
  console.log(`Authorization server: ${server.issuer}\n`);
  for (const [index, runtime] of ["deno", "bun", "node", "node", "bun", "deno"].entries()) {
    const command = [...commandFor(runtime, program, permissions), server.issuer];
    const { code, output } = await run(command, { cwd: root, env: { XDG_CONFIG_HOME: home } });
    if (code !== 0) {
      isGood = false;
      console.log(`run ${index + 1}  ${runtime.padEnd(5)} failed with ${code}:\n${output}`);
      continue;
    }
    const { client_id, how } = JSON.parse(output.trim().split("\n").at(-1));
    console.log(`run ${index + 1}  ${runtime.padEnd(5)} ${client_id}  ${how}`);
  }
  const { registrations } = server.counted;
  console.log(
    `\nThe server counted ${registrations} registration${registrations === 1 ? "" : "s"}.`,
  );
  isGood &&= registrations === 1;
  const mode = (statSync(file).mode & 0o777).toString(8).padStart(4, "0");
  console.log(
    `\n$XDG_CONFIG_HOME/ocamlgpt/registered.json, mode ${mode}:\n${readFileSync(file, "utf8")}`,
  );
} finally {
  rmSync(home, { recursive: true, force: true });
  await server.close();
}
process.exitCode = isGood ? 0 : 1;
