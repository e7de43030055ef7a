import { test } from "node:test";
import { existsSync, readFileSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { commandsOf, readWorkflows } from "./support/workflows.mjs";

const root = new URL("../", import.meta.url);
const isThere = (file: string) => existsSync(new URL(file, root));
const read = (file: string) => readFileSync(new URL(file, root), "utf8");
const { scripts, devDependencies } = JSON.parse(read("package.json"));
const versions = JSON.parse(read(".ci/versions.json"));
const workflows: {
  name: string;
  text: string;
  workflow: { permissions: object; jobs: { [name: string]: Job } };
  steps: { step: Step }[];
}[] = readWorkflows();

interface Step {
  name?: string;
  id?: string;
  run?: string;
  uses?: string;
  with: { [input: string]: unknown };
}

interface Job {
  "permissions": { [scope: string]: string };
  "timeout-minutes": number;
  "runs-on": string;
  "outputs"?: { [name: string]: string };
  "strategy"?: { matrix: { [name: string]: unknown } };
  "steps": Step[];
}

/** What the machines of GitHub have, besides this project. */
const THERE = ["jq", "test"];

/** What is wrong with a command; nothing where all that it names is in this project. */
function faultOf([command = "", ...words]: string[]): string | undefined {
  const [first = "", second = ""] = words.filter((word) => !word.startsWith("-"));
  if (command === "npm" && first === "ci") {
    const at = words.indexOf("--prefix");
    const directory = at < 0 ? "." : words[at + 1];
    return isThere(`${directory}/package-lock.json`) ? undefined : `no lock file in ${directory}`;
  }
  if (command === "npm" && first === "publish") return;
  if (command === "npm") {
    const script = first === "run" ? second : first;
    return script in scripts ? undefined : `no script ${script}`;
  }
  if (command === "npx") return first in devDependencies ? undefined : `no package ${first}`;
  if (command === "node" || command === "bash") return isThere(first) ? undefined : `no ${first}`;
  return THERE.includes(command) ? undefined : `no command ${command}`;
}

test("what a workflow runs is in this project", () => {
  for (const { name, steps } of workflows) {
    for (const { step } of steps) {
      for (const command of commandsOf(step.run ?? "")) {
        assertEquals(faultOf(command), undefined, `${name}: ${command.join(" ")}`);
      }
    }
  }
});

test("every job of a workflow may do what it must, and no more, and comes to an end", () => {
  for (const { name, workflow } of workflows) {
    assertEquals(workflow.permissions, {}, name);
    for (const [job, { permissions, ...rest }] of Object.entries(workflow.jobs)) {
      const label = `${name}: ${job}`;
      assertEquals(permissions.contents, "read", label);
      assert(job === "publish" || Object.keys(permissions).length === 1, label);
      assert(rest["timeout-minutes"] > 0, label);
      assert(rest["runs-on"] !== undefined, label);
    }
  }
});

test("every step runs something or uses an action that is pinned by its SHA, with its version", () => {
  for (const { name, text, steps } of workflows) {
    for (const { step } of steps) {
      assert((step.run === undefined) !== (step.uses === undefined), `${name}: ${step.name}`);
    }
    for (const [line] of text.matchAll(/uses:.*/g)) {
      assert(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line), `${name}: ${line}`);
    }
  }
});

test("what an expression names in a workflow is there", () => {
  for (const { name, text, workflow } of workflows) {
    const jobs = Object.entries(workflow.jobs);
    const known = new Set([
      "github.ref",
      ...jobs.flatMap(([job, { outputs = {}, strategy, steps }]) => [
        ...Object.keys(outputs).map((output) => `needs.${job}.outputs.${output}`),
        ...Object.keys(strategy?.matrix ?? {}).map((key) => `matrix.${key}`),
        ...steps.flatMap(({ id }) => id === undefined ? [] : [`steps.${id}.outputs.node`]),
      ]),
    ]);
    for (const [, expression = ""] of text.matchAll(/\$\{\{ (.*?) \}\}/g)) {
      const path = expression.replace(/^fromJSON\((.*)\)$/, "$1");
      assert(known.has(path), `${name}: ${expression}`);
    }
  }
});

test("CI does what .ci/run does, and the tests on every system and promised version of Node", () => {
  const { workflow, steps, text } = workflows.find(({ name }) => name === "ci.yml")!;
  assert(steps.some(({ step }) => step.run === "bash .ci/run"));
  const matrixOf = (job: string) => workflow.jobs[job]?.strategy?.matrix;
  for (const job of ["node", "others"]) {
    assertEquals(matrixOf(job)?.os, ["ubuntu-latest", "macos-latest", "windows-latest"], job);
  }
  assertEquals(matrixOf("node")?.node, "${{ fromJSON(needs.versions.outputs.node) }}");
  assertEquals(matrixOf("others")?.on, ["deno", "bun"]);
  assert(text.includes(".ci/versions.json"));
});

test("a version of Node that a workflow names is one of a line that is promised", () => {
  const lines = versions.node.map((version: string) => version.split(".")[0]);
  for (const { name, steps } of workflows) {
    for (const { step } of steps.filter(({ step }) => step.uses?.includes("/setup-node@"))) {
      const version = String(step.with["node-version"]);
      assert(version === "${{ matrix.node }}" || lines.includes(version), `${name}: ${version}`);
    }
  }
});
