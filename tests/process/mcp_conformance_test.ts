// The conformance suite of the Model Context Protocol, its scenarios of authorization: with a provider
// as it is, and with the same one and a memory.
import { test } from "node:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { bun, run } from "../support/runtimes.mjs";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const suite = at("../../node_modules/@modelcontextprotocol/conformance/dist/index.js");
const client = at("./mcp_conformance_client.ts");

interface Outcome {
  /** The checks that did not succeed. */
  failed: string[];
  /** How many clients each run has registered. */
  counts: number[];
  error: string | undefined;
}

/** Runs every scenario of these suites; resolves to what came of each. */
async function conform(line: string, mode: string, runs: number): Promise<Map<string, Outcome>> {
  const results = mkdtempSync(join(tmpdir(), "client-store-results-"));
  try {
    // Bun runs both: the suite asks for a later Node than the oldest one that we run on.
    const command = `${bun} ${client} ${line} ${mode} ${runs}`;
    for (const name of ["auth", "extensions", "draft", "backcompat"]) {
      const options = ["--command", command, "--suite", name, "--output-dir", results];
      options.push("--timeout", "120000"); // all scenarios of a suite run at once
      await run([bun, suite, "client", ...options]);
    }
    const folder = join(results, "auth");
    const outcomes = readdirSync(folder).map((name): [string, Outcome] => {
      const read = (file: string) => readFileSync(join(folder, name, file), "utf8");
      const checks: { id: string; status: string }[] = JSON.parse(read("checks.json"));
      const failed = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
      const last = read("stdout.txt").trim().split("\n").at(-1) || "{}";
      const { counts = [], error } = JSON.parse(last);
      const scenario = name.replace(/-\d{4}-\d\d-\d\dT.*$/, "");
      return [scenario, { failed: failed.map(({ id }) => id), counts, error }];
    });
    return new Map(outcomes.sort(([a], [b]) => a < b ? -1 : 1));
  } finally {
    rmSync(results, { recursive: true });
  }
}

const told = (outcome: Outcome | undefined) =>
  outcome === undefined
    ? "absent"
    : `${outcome.failed.length > 0 ? "FAIL" : "pass"} ${outcome.counts.join("+")}`;

for (const line of ["v1", "v2"]) {
  for (const runs of [1, 2]) {
    test(`with a memory no scenario of the conformance suite is worse (${line}, ${runs} runs)`, async (t) => {
      const plain = await conform(line, "plain", runs);
      const wrapped = await conform(line, "wrapped", runs);
      assert(plain.size >= 20, `only ${plain.size} scenarios have run`);
      assertEquals([...wrapped.keys()], [...plain.keys()]);
      const worse: string[] = [];
      for (const [scenario, before] of plain) {
        const after = wrapped.get(scenario);
        const isWorse = !after || after.failed.some((id) => !before.failed.includes(id)) ||
          after.error !== undefined && before.error === undefined ||
          after.counts.some((count, at) =>
            count > Math.min(before.counts[at] ?? 0, at === 0 ? 1 : 0)
          );
        const row = `${line} x${runs} ${scenario}: plain ${told(before)}, wrapped ${told(after)}`;
        t.diagnostic(row);
        if (isWorse) worse.push(`${row} ${after?.failed.join(", ")} ${after?.error ?? ""}`);
      }
      assertEquals(worse, []);
    });
  }
}
