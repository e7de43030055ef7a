import type { Terminal } from "../runtime/terminal.ts";
import { escaped, fitted, widthOf } from "./plain_text.ts";

/** No column is made narrower than this, in columns of the terminal. */
const NARROWEST = 8;
const GAP = 2;

/**
 * Rows as text: on a terminal a table that fits its width, in a pipe separated by tabs and without a
 * header.
 */
export function tableOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string {
  const cells = rows.map((row) => row.map(escaped));
  if (columns === undefined) return cells.map((row) => `${row.join("\t")}\n`).join("");
  const all = [header, ...cells];
  const widths = header.map((_, n) => Math.max(...all.map((row) => widthOf(row[n] ?? ""))));
  const isTooWide = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) > columns;
  while (isTooWide()) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return all.map((row) =>
    `${row.map((cell, n) => fitted(cell, widths[n] ?? 0)).join(" ".repeat(GAP)).trimEnd()}\n`
  ).join("");
}

/** Whether colors are welcome: `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`, `--no-color`. */
export function hasColor(terminal: Terminal, isOff: boolean): boolean {
  if (isOff || terminal.env("NO_COLOR")) return false;
  const forced = terminal.env("FORCE_COLOR");
  if (forced !== undefined && forced !== "") return forced !== "0";
  return terminal.isTerminal("stdout") && terminal.env("TERM") !== "dumb";
}

/** The header of a table, in bold. */
export function withBoldHeader(table: string): string {
  return table.replace(/^[^\n]*/, (header) => `\x1b[1m${header}\x1b[0m`);
}
