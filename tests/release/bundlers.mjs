// The program, bundled into files that need no node_modules.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bun, deno, node } from "../support/runtimes.mjs";
import { PROGRAM, registersOnce, succeed, tool } from "./program.mjs";
import { nodeOf } from "./versions.mjs";

const ENTRY = "program.mjs";
const bin = (path) => [node, tool(path)];

// What each is asked to do, and the file that it then makes; `files` are its configuration.
const BUNDLERS = {
  "esbuild, ESM": {
    command: [tool("esbuild/bin/esbuild"), ENTRY, "--bundle", "--platform=node", "--format=esm"],
    more: ["--outfile=out/a.mjs"],
    made: "a.mjs",
  },
  "esbuild, CommonJS": {
    command: [tool("esbuild/bin/esbuild"), ENTRY, "--bundle", "--platform=node", "--format=cjs"],
    more: ["--minify", "--outfile=out/a.cjs"],
    made: "a.cjs",
  },
  "rollup": {
    command: [...bin("rollup/dist/bin/rollup"), ENTRY, "--format=es", "--dir=out"],
    more: ["--plugin", tool("@rollup/plugin-node-resolve"), "--entryFileNames=[name].mjs"],
    made: "program.mjs",
  },
  "webpack": {
    script: `import webpack from ${JSON.stringify(tool("webpack/lib/index.js"))};
      webpack({ mode: "production", target: "node", entry: "./${ENTRY}",
        output: { path: process.cwd() + "/out", filename: "a.cjs" } }, (error, stats) => {
        if (error || stats.hasErrors() || stats.hasWarnings()) {
          throw error ?? new Error(stats.toString());
        }
      });`,
    made: "a.cjs",
  },
  "Vite, SSR": {
    command: [...bin("vite/bin/vite.js"), "build", "--ssr", ENTRY, "--outDir=out"],
    more: ["--config=vite.config.mjs", "--logLevel=warn"],
    files: { "vite.config.mjs": `export default { ssr: { noExternal: true } };` },
    made: "program.js",
  },
  ...Object.fromEntries(
    Object.entries({ "ESM": ["esm", "program.mjs"], "CommonJS": ["cjs", "program.cjs"] })
      .map(([name, [format, made]]) => [`tsdown, ${name}`, {
        // It runs on Node 22.18 and later only.
        command: [nodeOf(24), tool("tsdown/dist/run.mjs"), ENTRY, "--out-dir=out"],
        more: [`--format=${format}`],
        files: { "tsdown.config.mjs": "export default { deps: { alwaysBundle: [/./] } };" },
        made,
      }]),
  ),
  "ncc": {
    command: [...bin("@vercel/ncc/dist/ncc/cli.js"), "build", ENTRY, "-o", "out"],
    made: "index.mjs",
  },
  "bun build": {
    command: [bun, "build", ENTRY, "--target=node", "--outfile=out/a.mjs"],
    made: "a.mjs",
  },
  "deno bundle": {
    command: [deno, "bundle", "-q", "--node-modules-dir=manual", "--no-lock", ENTRY],
    more: ["-o", "out/a.mjs"],
    made: "a.mjs",
    isRunBy: [deno, "run", "-A", "-q", "--no-lock"],
  },
};

export function bundlers({ project, issuer }) {
  return Object.entries(BUNDLERS).map(([name, bundler]) => ({
    name,
    async attempt() {
      const { command = [], more = [], files = {}, made, script, isRunBy = [node] } = bundler;
      const out = join(project, "out");
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out);
      writeFileSync(join(project, ENTRY), PROGRAM);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
      if (script) {
        writeFileSync(join(project, "build.mjs"), script);
        await succeed([node, "build.mjs"], { cwd: project });
      } else await succeed([...command, ...more], { cwd: project });
      // Elsewhere, so that nothing is found in node_modules after all.
      const elsewhere = join(project, "..", `elsewhere-${process.pid}`);
      rmSync(elsewhere, { recursive: true, force: true });
      renameSync(out, elsewhere);
      try {
        await registersOnce([...isRunBy, join(elsewhere, made)], { project, issuer });
      } finally {
        rmSync(elsewhere, { recursive: true });
      }
    },
  }));
}
