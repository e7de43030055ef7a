// The program as one executable, and required by CommonJS.
import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bun, node } from "../support/runtimes.mjs";
import { PROGRAM, registersOnce, succeed, tool } from "./program.mjs";
import { nodeOf } from "./versions.mjs";

const REQUIRING = PROGRAM
  .replace(/^import (.*) from (.*);$/gm, "const $1 = require($2);");

export function executables({ project, issuer }) {
  const at = (file) => join(project, file);
  const write = (file, text) => writeFileSync(at(file), text);
  return [
    ...[20, 22, 24, 26].map((line) => ({
      name: `require() on Node ${line}`,
      isLong: line !== 22,
      async attempt() {
        write("program.cjs", REQUIRING);
        await registersOnce([nodeOf(line), at("program.cjs")], { project, issuer });
      },
    })),
    {
      name: "bun build --compile",
      async attempt() {
        write("program.mjs", PROGRAM);
        await succeed([bun, "build", "--compile", "program.mjs", "--outfile=app"], {
          cwd: project,
        });
        await registersOnce([at("app")], { project, issuer });
        rmSync(at("app"));
      },
    },
    {
      name: "Node's single executable",
      async attempt() {
        write("program.mjs", PROGRAM);
        const esbuild = [tool("esbuild/bin/esbuild"), "program.mjs", "--bundle"];
        await succeed([...esbuild, "--platform=node", "--format=cjs", "--outfile=sea.cjs"], {
          cwd: project,
        });
        write("sea.json", JSON.stringify({ main: "sea.cjs", output: "sea.blob" }));
        const runtime = nodeOf(22);
        await succeed([runtime, "--experimental-sea-config", "sea.json"], { cwd: project });
        copyFileSync(runtime, at("app"));
        chmodSync(at("app"), 0o755);
        await succeed([
          ...[node, tool("postject/dist/cli.js"), "app", "NODE_SEA_BLOB", "sea.blob"],
          ...["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"],
        ], { cwd: project });
        await registersOnce([at("app")], { project, issuer });
        rmSync(at("app"));
      },
    },
  ];
}
