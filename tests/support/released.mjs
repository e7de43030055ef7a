// The library as its users get it: installed from a registry, here one on loopback.
import * as fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pack } from "../../.ci/pack.mjs";
import { filesBelow } from "./files_below.mjs";
import { startRegistry, tarball } from "./registry.mjs";
import { bun, deno, node, run } from "./runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * As a user runs a file: Deno finds what npm has installed.
 *
 * @type {{ [runtime: string]: string[] }}
 */
export const COMMANDS = {
  node: [node],
  bun: [bun],
  deno: [deno, "run", "-A", "--no-lock", "--node-modules-dir=manual"],
};

/** The first program of the README, at the issuer that this expression gives. */
export const firstProgram = (issuer) => `
import { openClientStore } from "@oauth2/client-store";
import { resolveClient } from "@oauth2/client-store/registration";

const { client } = await resolveClient(openClientStore(), ${issuer}, {
  clientMetadata: {
    client_name: "my-tool",
    redirect_uris: ["http://127.0.0.1/callback"],
    token_endpoint_auth_method: "none",
  },
});
console.log(client.client_id);
`;

/** A program that fails unless every entry is imported that is for a runtime. */
export function importsOf(name, entries, runtime) {
  const others = ["./deno", "./bun", "./node", "./package.json"]
    .filter((entry) => entry !== `./${runtime}`);
  return entries.filter((entry) => !others.includes(entry))
    .map((entry) => `${name}${entry.slice(1)}`)
    .map((entry) =>
      `if (Object.keys(await import("${entry}")).length === 0) throw new Error("${entry}");\n`
    ).join("");
}

/** The one dependency that the library has on npm, as npm has it. */
export function oauth4webapi() {
  const files = filesBelow(join(root, "node_modules/oauth4webapi"));
  return { packageJson: JSON.parse(files["package.json"]), tgz: tarball(files) };
}

/** Installs packages of a registry in a directory, as `npm install` does for a program's author. */
export async function npmInstall(directory, registry, ...names) {
  const manifest = join(directory, "package.json");
  if (!fs.existsSync(manifest)) {
    fs.writeFileSync(manifest, JSON.stringify({ name: "app", private: true, type: "module" }));
  }
  const env = { ...registry.env, npm_config_cache: join(directory, ".npm") };
  const { code, output } = await run(["npm", "install", "--no-audit", "--no-fund", ...names], {
    cwd: directory,
    env,
    shell: process.platform === "win32",
  });
  if (code !== 0) throw new Error(output);
}

/**
 * Makes a project that has the npm package installed.
 *
 * @param {string} directory Where the project is made.
 * @returns {Promise<object>} What the installed package says of itself.
 */
export async function installFromNpm(directory) {
  const { tarball: file, packageJson } = pack(directory);
  const registry = await startRegistry({
    npm: [oauth4webapi(), { packageJson, tgz: fs.readFileSync(file) }],
  });
  try {
    await npmInstall(directory, registry, packageJson.name);
  } finally {
    await registry.close();
  }
  const installed = join(directory, "node_modules", packageJson.name, "package.json");
  return JSON.parse(fs.readFileSync(installed, "utf8"));
}
