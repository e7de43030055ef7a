// Every version of a runtime that is promised: the program from the installed package.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bun, deno, node } from "../support/runtimes.mjs";
import { PROGRAM, registersOnce, succeed, tool } from "./program.mjs";

const listed = JSON.parse(
  readFileSync(new URL("../../.ci/versions.json", import.meta.url), "utf8"),
);
const FILES = {
  node: (version) => tool(`node-${version}/bin/node`),
  deno: (version) => tool(`deno-${version}/deno`),
  bun: (version) => tool(`bun-${version}/bin/bun`),
};
const CURRENT = { deno, bun, node };
const OPTIONS = {
  node: [],
  bun: [],
  deno: ["run", "-A", "-q", "--no-lock", "--node-modules-dir=manual"],
};

/** The runtime of a version: one of its own, or what this project is tested with. */
export function runtimeOf(runtime, version) {
  const own = FILES[runtime](version);
  return existsSync(own) ? own : CURRENT[runtime];
}

/** The newest of a line of Node, such as 24. */
export function nodeOf(line) {
  return runtimeOf("node", listed.node.findLast((version) => version.startsWith(`${line}.`)));
}

/** What is listed, and the oldest that engines name: the test runner of Bun 1.2 lacks what suites need. */
function promised(runtime) {
  return [...new Set([...listed.engines[runtime].match(/\d+\.\d+\.\d+/g), ...listed[runtime]])];
}

export function versions({ project, issuer }) {
  return Object.keys(FILES).flatMap((runtime) =>
    promised(runtime).map((version) => ({
      name: `${runtime} ${version}`,
      async attempt() {
        writeFileSync(join(project, "program.mjs"), PROGRAM);
        const file = runtimeOf(runtime, version);
        const said = await succeed([file, "--version"]);
        if (!said.includes(version)) throw new Error(`It is not installed, but ${said}`);
        const command = [file, ...OPTIONS[runtime], "program.mjs"];
        await registersOnce(command, { project, issuer });
      },
    }))
  );
}
