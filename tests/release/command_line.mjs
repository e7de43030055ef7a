// The command line without an installation: by npx and bunx, from the registry and from a tarball.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { oauth4webapi } from "../support/released.mjs";
import { startRegistry } from "../support/registry.mjs";
import { bun } from "../support/runtimes.mjs";
import { succeed } from "./program.mjs";

const RUNNERS = { npx: ["npx", "--yes"], bunx: [bun, "x"] };

export function commandLine({ project, installed: { name, version } }) {
  const tarball = join(project, `${name.slice(1).replace("/", "-")}-${version}.tgz`);
  return Object.entries(RUNNERS).map(([runner, command]) => ({
    name: `client-store by ${runner}`,
    async attempt() {
      const home = join(project, runner);
      mkdirSync(home);
      const tgz = readFileSync(tarball);
      const packageJson = JSON.parse(
        readFileSync(join(project, "node_modules", name, "package.json"), "utf8"),
      );
      const registry = await startRegistry({
        npm: [oauth4webapi(), { packageJson, tgz }],
      });
      const env = {
        ...registry.env,
        npm_config_cache: join(home, "npm"),
        BUN_INSTALL_CACHE_DIR: join(home, "bun"),
        HOME: home,
        XDG_CONFIG_HOME: "",
      };
      try {
        for (
          const args of [
            ["--package", tarball, "client-store"],
            ["--package", name, "client-store"],
            [name],
          ]
        ) {
          const output = await succeed([...command, ...args, "path"], { cwd: home, env });
          const path = join(home, ".config", "ocamlgpt", "registered.json");
          if (output.trim().split("\n").at(-1) !== path) throw new Error(`It printed ${output}`);
        }
      } finally {
        await registry.close();
      }
    },
  }));
}
