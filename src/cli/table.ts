import type { Terminal } from "../runtime/terminal.ts";
import { escaped, fitted, widthOf } from "./plain_text.ts";

/** No column is made narrower than this, in columns of the terminal. */
const NARROWEST = 8;
const GAP = 2;

/**
 * Rows as text: on a terminal a table that fits its width, or a line for each cell where none fits; in a
 * pipe separated by tabs and without a header.
 *
 * @param columns The width of the terminal; `undefined` where it is none.
 * @param isBold Whether the header is in bold.
 */
export function tableOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
  isBold = false,
): string {
  const cells = rows.map((row) => row.map(escaped));
  if (columns === undefined) return cells.map((row) => `${row.join("\t")}\n`).join("");
  if (header.length * (NARROWEST + GAP) - GAP > columns) return listOf(header, cells);
  const all = [header, ...cells];
  const widths = header.map((_, n) =>
    all.reduce((most, row) => Math.max(most, widthOf(row[n] ?? "")), 0)
  );
  const isTooWide = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) > columns;
  while (isTooWide()) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const lines = all.map((row) =>
    row.map((cell, n) => fitted(cell, widths[n] ?? 0)).join(" ".repeat(GAP)).trimEnd()
  );
  const [head = "", ...rest] = lines;
  return `${[isBold ? `\x1b[1m${head}\x1b[0m` : head, ...rest].join("\n")}\n`;
}

/** A line for each cell: the terminal wraps it. */
function listOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell, n) => `${header[n]}: ${cell}\n`).join("")).join("\n");
}

/** Whether colors are welcome: `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`, `--no-color`. */
export function hasColor(terminal: Terminal, isOff: boolean): boolean {
  if (isOff || terminal.env("NO_COLOR")) return false;
  const forced = terminal.env("FORCE_COLOR");
  if (forced !== undefined && forced !== "") return forced !== "0";
  return terminal.isTerminal("stdout") && terminal.env("TERM") !== "dumb";
}
