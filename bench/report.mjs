/** The results for a reader: lines for the terminal, the page with all figures, the picture. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile } from "vega-lite";
import { deno } from "../tests/support/runtimes.mjs";
import { machineOf, NAMES, overBare, publishSummary } from "./summary.mjs";
import { isMet } from "./targets.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** One line for each row: figure, spread, target, met or missed. */
export function linesOf(rows) {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map((row) =>
    [
      NAMES[row.runtime].padEnd(4),
      row.what.padEnd(width),
      timesOf(row).padStart(19),
      valueOf(row).padStart(9),
      spreadOf(row).padStart(17),
      targetOf(row).padStart(9),
      verdictOf(row, "MISSED"),
    ].join("  ").trimEnd()
  );
}

/** Writes the result file, the table with all rows, the picture, and the part of the README. */
export async function publish(results, rows) {
  // Errors name files; where this project lies is nobody's business.
  const published = (text) => text.replaceAll(path(".."), "");
  const data = JSON.stringify({ ...results, rows }, null, 2);
  writeFileSync(path("results.json"), published(`${data}\n`));
  writeFileSync(path("../docs/benchmarks.md"), published(pageOf(results, rows)));
  writeFileSync(path("../docs/cold_start.svg"), await pictureOf(results));
  spawnSync(deno, ["fmt", "--quiet", path("../docs/benchmarks.md")]);
  publishSummary(results);
}

function pageOf(results, rows) {
  const table = rows.map((row) =>
    `| ${
      [
        NAMES[row.runtime],
        row.what,
        timesOf(row),
        valueOf(row),
        spreadOf(row),
        targetOf(row),
        verdictOf(row, "**missed**"),
      ].join(" | ")
    } |`
  );
  return `# Results

${machineOf(results)}
Ratios are medians of adjacent pairs; half of the pairs lie in the range beside them. Peers: ${
    Object.entries(results.peers).map(([name, version]) => `${name} ${version}`)
      .join(", ")
  }.

| runtime | what | medians, µs | ratio | half of the ratios | target | |
| --- | --- | ---: | ---: | ---: | ---: | --- |
${table.join("\n")}

## Cold start

Import, one lookup that hits, exit: milliseconds over the bare runtime. Deno reads every module that may be loaded later before it
runs anything: half of what it takes here, and none of it in a bundle.

${coldTable(results)}

![Cold start of each library on each runtime](cold_start.svg)

## Processes that store at the same time

What limits a store is the disk: each flushes the file and the directory, which takes about half of its time, on every runtime
alike. The peer flushes the file alone; the rest of its time is JavaScript, which Bun runs fastest. So the ratio is smallest there,
and larger beside a peer that flushes as much.

${contentionTables(results)}
## Could not be measured

${
    results.failures.map(({ runtime, name, reason }) => `- ${NAMES[runtime]}, ${name}: ${reason}`)
      .join("\n") || "Nothing."
  }
`;
}

function coldTable({ runtimes }) {
  const measured = Object.entries(runtimes).filter(([, { cold }]) => cold);
  const names = [
    ...new Set(
      measured.flatMap(([, { cold }]) => cold.variants.map(({ name }) => name)),
    ),
  ];
  const cell = (cold, name) => {
    const variant = cold.variants.find((variant) => variant.name === name);
    return variant ? overBare(variant.over) : "";
  };
  return [
    `| | ${
      measured.map(([runtime, { cold }]) =>
        `${NAMES[runtime]} (bare ${cold.bare.median.toFixed(1)} ms)`
      ).join(" | ")
    } |`,
    `| --- | ${measured.map(() => "---:").join(" | ")} |`,
    ...names.map((name) =>
      `| ${name} | ${measured.map(([, { cold }]) => cell(cold, name)).join(" | ")} |`
    ),
  ].join("\n");
}

function contentionTables({ runtimes }) {
  const tables = Object.entries(runtimes).flatMap(([runtime, { contention }]) =>
    (contention ?? []).map(({ processes, peers }) =>
      [
        `### ${NAMES[runtime]}, ${processes} process${processes === 1 ? "" : "es"}`,
        "",
        "| | stores acknowledged | lost | torn reads | errors | stores per second | longest wait, ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ...peers.map((peer) =>
          `| ${peer.name} | ${peer.stored} | ${lossOf(peer)} | ${
            peer.reads === 0 ? "" : `${peer.torn} of ${peer.reads}`
          } | ${peer.errors} | ${peer.rate.median.toFixed(0)} | ${peer.longest.median.toFixed(0)} |`
        ),
        "",
      ].join("\n")
    )
  );
  return tables.join("\n");
}

function lossOf({ stored, lost, reads }) {
  if (stored === 0) return "could not store";
  if (reads === 0) return "one file per issuer";
  return lost === 0 ? "0" : `${lost} (${Math.round(lost * 100 / stored)} %)`;
}

async function pictureOf(results) {
  const values = Object.entries(results.runtimes).flatMap((
    [runtime, { cold }],
  ) =>
    (cold?.variants ?? [])
      .filter(({ id }) => id !== "bare")
      .map(({ name, over }) => ({
        runtime: NAMES[runtime],
        name,
        over: Math.max(0, over.median),
      }))
  );
  const { spec } = compile({
    title: {
      text: "Cold start: import, one lookup, exit; milliseconds over the bare runtime",
      subtitle: machineOf(results),
    },
    background: "white",
    data: { values },
    facet: { column: { field: "runtime", title: null } },
    spec: {
      width: 200,
      height: { step: 18 },
      encoding: {
        y: {
          field: "name",
          type: "nominal",
          title: null,
          axis: { labelLimit: 300 },
          sort: { field: "over", op: "mean" },
        },
        x: { field: "over", type: "quantitative", title: "ms" },
      },
      layer: [
        {
          mark: "bar",
          encoding: {
            color: {
              condition: {
                test: "datum.name === '@oauth2/client-store'",
                value: "#2563eb",
              },
              value: "#cbd5e1",
            },
          },
        },
        {
          mark: { type: "text", align: "left", dx: 3 },
          encoding: { text: { field: "over", format: ".1f" } },
        },
      ],
    },
  });
  return `${await new View(parse(spec), { renderer: "none" }).toSVG()}\n`;
}

function valueOf({ figure, unit }) {
  return unit ? figure.median.toLocaleString("en") : number(figure.median);
}

function spreadOf({ figure: { low, high, count } }) {
  return count === 1 ? "" : `${number(low)} to ${number(high)}`;
}

function targetOf({ atMost, atLeast, unit }) {
  const limit = atMost ?? atLeast;
  if (limit === undefined) return "";
  return `${atMost === undefined ? "≥" : "≤"} ${unit ? limit.toLocaleString("en") : limit}`;
}

/** The medians that are compared, in microseconds. */
function timesOf({ times }) {
  return times ? `${number(times.ours.median)} / ${number(times.theirs.median)}` : "";
}

function verdictOf(row, missed) {
  const met = isMet(row);
  if (met === undefined) return "";
  return met ? "met" : missed;
}

function number(value) {
  return Number.isInteger(value)
    ? String(value)
    : value >= 100
    ? value.toFixed(0)
    : value.toFixed(2);
}
