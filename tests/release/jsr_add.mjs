// `npx jsr add` and `bunx jsr add` themselves, with JSR's npm layer on loopback.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { jsrNpmPackage } from "../support/jsr_npm_package.mjs";
import { startRegistry } from "../support/registry.mjs";
import { COMMANDS, oauth4webapi } from "../support/released.mjs";
import { node } from "../support/runtimes.mjs";
import { stdNpmPackages } from "../support/std_packages.mjs";
import { PROGRAM, registersOnce, succeed, tool } from "./program.mjs";

const NAME = "@oauth2/client-store";
const bin = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url)); // has `bun`
let packages;

export function jsrAdd({ project, issuer }) {
  return Object.entries({ npm: "npx", bun: "bunx" }).map(([manager, runner]) => ({
    name: `${runner} jsr add`,
    async attempt() {
      packages ??= [await jsrNpmPackage(), oauth4webapi(), ...stdNpmPackages()];
      const registry = await startRegistry({ npm: packages });
      const cwd = join(project, "..", `jsr-${manager}-${process.pid}`);
      const write = (file, text) => writeFileSync(join(cwd, file), text);
      mkdirSync(cwd);
      try {
        write("package.json", JSON.stringify({ name: "app", private: true, type: "module" }));
        // The registry that jsr writes here is fixed; it leaves one that is there already.
        const config = `@jsr:registry=${registry.url}/\n`;
        write(".npmrc", config);
        const env = {
          ...registry.env,
          HOME: cwd,
          npm_config_cache: join(cwd, ".npm"),
          BUN_INSTALL_CACHE_DIR: join(cwd, ".bun"),
          PATH: `${bin}${delimiter}${process.env.PATH}`,
        };
        const command = [node, tool("jsr/dist/bin.js"), "add", `--${manager}`, NAME];
        const said = await succeed(command, { cwd, env });
        const { dependencies } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
        if (!dependencies?.[NAME]?.startsWith("npm:@jsr/oauth2__client-store@")) {
          throw new Error(`It wrote ${JSON.stringify(dependencies)} and said ${said}`);
        }
        if (readFileSync(join(cwd, ".npmrc"), "utf8") !== config) throw new Error("Other registry");
        write("program.mjs", PROGRAM);
        const runtime = manager === "npm" ? COMMANDS.node : COMMANDS.bun;
        await registersOnce([...runtime, "program.mjs"], { project: cwd, issuer });
      } finally {
        await registry.close();
        rmSync(cwd, { recursive: true });
      }
    },
  }));
}
