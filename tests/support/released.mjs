// The library as its users get it: installed from a registry, here one on loopback.
import * as fs from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { pack } from "../../.ci/pack.mjs";
import { startRegistry, tarball } from "./registry.mjs";
import { run } from "./runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Every file below a directory, by path. */
function filesBelow(directory) {
  const files = {};
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    files[relative(directory, file).replaceAll("\\", "/")] = fs.readFileSync(file);
  }
  return files;
}

/** The one dependency of the npm package, as npm has it. */
export function oauth4webapi() {
  const files = filesBelow(join(root, "node_modules/oauth4webapi"));
  return { packageJson: JSON.parse(files["package.json"]), tgz: tarball(files) };
}

/**
 * Makes a project that has the npm package installed, by `npm install`.
 *
 * @param {string} directory Where the project is made.
 * @returns {Promise<{ requests: string[], packageJson: object }>} What npm asked its registry for, and
 * what the installed package says of itself.
 */
export async function installFromNpm(directory) {
  const { tarball: file, packageJson } = pack(directory);
  const registry = await startRegistry({
    npm: [oauth4webapi(), { packageJson, tgz: fs.readFileSync(file) }],
  });
  try {
    fs.writeFileSync(
      join(directory, "package.json"),
      JSON.stringify({ name: "app", private: true, type: "module" }),
    );
    const env = { ...registry.env, npm_config_cache: join(directory, ".npm") };
    const npm = ["npm", "install", "--no-audit", "--no-fund", packageJson.name];
    const { code, output } = await run(npm, {
      cwd: directory,
      env,
      shell: process.platform === "win32",
    });
    if (code !== 0) throw new Error(output);
    const installed = join(directory, "node_modules", packageJson.name, "package.json");
    return {
      requests: registry.requests,
      packageJson: JSON.parse(fs.readFileSync(installed, "utf8")),
    };
  } finally {
    await registry.close();
  }
}
