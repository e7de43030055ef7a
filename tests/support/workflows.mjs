// The workflows of GitHub, read with a parser of YAML.
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "../../node_modules/deno-std/yaml/mod.js";

const folder = new URL("../../.github/workflows/", import.meta.url);

/**
 * Every workflow by file name, with its text.
 *
 * @returns {{ name: string, text: string, workflow: any, steps: { job: string, step: any }[] }[]}
 */
export function readWorkflows() {
  return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)).map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const workflow = parse(text);
    const steps = Object.entries(workflow.jobs)
      .flatMap(([job, { steps }]) => steps.map((step) => ({ job, step })));
    return { name, text, workflow, steps };
  });
}

/**
 * The commands of a `run`, without what they are chained by and where their output goes.
 *
 * @param {string} run
 * @returns {string[][]} The words of each.
 */
export function commandsOf(run) {
  return run.split(/\n|&&|\|\|/).map((line) => line.trim()).filter((line) => line !== "")
    .map((line) => line.replace(/>>.*$/, "").match(/'[^']*'|"[^"]*"|\S+/g) ?? []);
}
