// The program that every tool chain builds, and what it must do.
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { run } from "../support/runtimes.mjs";

const tools = fileURLToPath(new URL("node_modules/", import.meta.url));

/** A file of a tool that `npm ci` has put here. */
export const tool = (path) => join(tools, path);

/** Looks up, registers where nothing is found, and says which client it has. No top-level await: CommonJS has none. */
export const PROGRAM = `
import { lookup, openClientStore } from "@oauth2/client-store";
import { resolveClient } from "@oauth2/client-store/registration";

async function main() {
  const issuer = globalThis.process.argv.at(-1);
  const found = await lookup(issuer);
  const { client } = await resolveClient(openClientStore(), issuer, {
    clientMetadata: {
      client_name: "my-tool",
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
    },
  });
  console.log(found ? "found" : "registered", client.client_id);
}
main();
`;

/** Runs a command; throws what it printed if it fails. */
export async function succeed(command, options) {
  const { code, output } = await run(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}\n${output}`);
  return output;
}

/** Runs the program twice with a home of its own: the first registers, the second finds. */
export async function registersOnce(command, { project, issuer }) {
  const home = join(project, `home-${randomUUID()}`);
  mkdirSync(home);
  const options = { cwd: project, env: { HOME: home, XDG_CONFIG_HOME: "" } };
  try {
    const [first, second] = [
      await succeed([...command, issuer], options),
      await succeed([...command, issuer], options),
    ].map((output) => output.trim().split("\n").at(-1));
    const [, client] = /^registered (\S+)$/.exec(first) ?? [];
    if (client === undefined || second !== `found ${client}`) {
      throw new Error(`${command.join(" ")} printed "${first}", then "${second}"`);
    }
  } finally {
    rmSync(home, { recursive: true });
  }
}
