// Records a session of the command line: real commands on a pseudo-terminal, against a real
// authorization server on this machine. A test records it anew and compares.
//
//   node docs/record_session.mjs     writes docs/session.svg
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startServer } from "../tests/support/authorization_server.mjs";
import { runOnTerminal } from "../tests/support/pseudo_terminal.mjs";
import { commandFor } from "../tests/support/runtimes.mjs";

const program = fileURLToPath(new URL("../src/cli/mod.ts", import.meta.url));
const COLUMNS = 128;
// deno-lint-ignore no-control-regex
const ERASED = /\r[^\n]*\r\x1b\[K/g;
// deno-lint-ignore no-control-regex
const STYLE = /\x1b\[[0-9;]*m/g;
const LETTER = { width: 7.8, height: 18, size: 13 };
const MARGIN = 16;

/** Runs the session; resolves to what the terminal shows, line by line. */
export async function recordSession() {
  const home = mkdtempSync(join(tmpdir(), "client-store-session-"));
  const server = await startServer();
  const lines = [];
  const type = async (...args) => {
    lines.push(`$ client-store ${args.join(" ")}`);
    const env = {
      HOME: home,
      XDG_CONFIG_HOME: undefined,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
    };
    const { output } = await runOnTerminal([...commandFor("bun", program), ...args], {
      columns: COLUMNS,
      env,
    });
    // What is erased again is not part of the picture, and the home is anybody's.
    const shown = output.replace(ERASED, "").replaceAll(home, "/home/you");
    lines.push(...shown.trimEnd().split("\n"), "");
  };
  try {
    const { issuer } = server;
    await type("register", issuer, "--redirect-uri", "http://127.0.0.1/callback");
    await type("list");
    await type("get", issuer);
    await type("verify");
    await server.forget();
    lines.push("# the server is set up anew, and knows nobody", "");
    await type("verify");
    await type("verify", "--fix");
    lines.push("$ chmod 644 ~/.config/ocamlgpt/registered.json");
    chmodSync(join(home, ".config/ocamlgpt/registered.json"), 0o644);
    await type("doctor");
    await type("doctor", "--fix", "--yes");
  } finally {
    await server.close();
    rmSync(home, { recursive: true });
  }
  return lines.slice(0, -1);
}

/** The lines as a picture. */
export function svgOf(lines) {
  const width = Math.ceil(COLUMNS * LETTER.width + 2 * MARGIN);
  const height = lines.length * LETTER.height + 2 * MARGIN;
  const texts = lines.map((line, n) => {
    const text = line.replace(STYLE, "");
    if (text === "") return "";
    const kind = text.startsWith("$ ") || line !== text
      ? ' class="bold"'
      : text.startsWith("# ")
      ? ' class="aside"'
      : "";
    const y = MARGIN + (n + 0.75) * LETTER.height;
    const length = (text.length * LETTER.width).toFixed(1);
    return `  <text x="${MARGIN}" y="${y}" textLength="${length}"${kind}>${escaped(text)}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A session of client-store in a terminal">
  <style>
    text { font: ${LETTER.size}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre; }
    .bold { font-weight: bold; fill: #ffffff; }
    .aside { fill: #8a93a5; }
  </style>
  <rect width="${width}" height="${height}" rx="8" fill="#1f2430"/>
${texts.join("")}</svg>
`;
}

/** The texts of a picture without what differs from run to run: ports, identifiers, ages. */
export function structureOf(svg) {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    text
      .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
      .replace(/[A-Za-z0-9_-]{43}/g, "CLIENT-ID")
      .replace(/\b\d+ s\b/g, "AGE")
      .replace(/ +/g, " ")
  );
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const picture = fileURLToPath(new URL("session.svg", import.meta.url));
  writeFileSync(picture, svgOf(await recordSession()));
}
