/**
 * What the README tells of the results: ourselves, and what is used most.
 *
 *   node bench/summary.mjs     writes it anew from results.json
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deno } from "../tests/support/runtimes.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
export const NAMES = { node: "Node", deno: "Deno", bun: "Bun", all: "all" };
const SHOWN = ["client_store", "data_store", "lowdb", "conf", "mcp_remote_way"];

/** When, with what and where the results were measured. */
export function machineOf({ date, versions, system }) {
  const runtimes = Object.entries(versions).map(([runtime, version]) =>
    `${NAMES[runtime]} ${version}`
  );
  return `Measured on ${date} with ${runtimes.join(", ")} on ${system}.`;
}

/** A time over that of the bare runtime, with its sign. */
export const overBare = ({ median }) => `+${median.toFixed(1)}`.replace("+-", "−");

/** The part of the README between its marks. */
export function summaryOf(results) {
  const measured = Object.entries(results.runtimes).filter(([, { cold }]) => cold);
  const rows = SHOWN.flatMap((id) => {
    const found = measured.map(([, { cold }]) => cold.variants.find((one) => one.id === id));
    const name = found.find(Boolean)?.name;
    if (name === undefined) return [];
    const times = found.map((variant) => variant ? `${overBare(variant.over)} ms` : "");
    return [`| ${name} | ${times.join(" | ")} | ${lossOf(results, id)} |`];
  });
  return `${machineOf(results)}
What a command takes over the bare runtime that imports the library, looks up one client that is there, and ends; and how many
updates are lost when ${processesOf(results)} processes store at the same time:

| | ${measured.map(([runtime]) => NAMES[runtime]).join(" | ")} | lost |
| --- | ${measured.map(() => "---:").join(" | ")} | ---: |
${rows.join("\n")}

All peers, figures, targets and spreads: [docs/benchmarks.md](docs/benchmarks.md). \`npm run bench\` measures them again.
`;
}

/** What each runtime measured with the most processes. */
function crowdsOf({ runtimes }) {
  return Object.values(runtimes).flatMap(({ contention }) => contention?.at(-1) ?? []);
}

const processesOf = (results) => crowdsOf(results)[0]?.processes;

/** The share of updates that is lost, on the runtime that loses least to the one that loses most. */
function lossOf(results, id) {
  const found = crowdsOf(results).flatMap(({ peers }) =>
    peers.find((peer) => peer.id === id) ?? []
  );
  if (found.length === 0) return "";
  if (found.every(({ reads }) => reads === 0)) return "a file each";
  const shares = found.map(({ lost, stored }) => Math.round(lost * 100 / stored));
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  if (found.every(({ lost }) => lost === 0)) return "none";
  return least === most ? `${most} %` : `${least} to ${most} %`;
}

/** Puts the summary into the README. */
export function publishSummary(results) {
  const readme = path("../README.md");
  const marked = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/;
  const text = readFileSync(readme, "utf8");
  writeFileSync(
    readme,
    text.replace(
      marked,
      (_, open, close) => `${open}\n${summaryOf(results)}\n${close}`,
    ),
  );
  spawnSync(deno, ["fmt", "--quiet", readme]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  publishSummary(JSON.parse(readFileSync(path("results.json"), "utf8")));
}
