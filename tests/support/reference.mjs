// The reference that JSR makes of the doc comments, built as `deno doc` builds it.
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { deno, run } from "./runtimes.mjs";

// Deno's own: it gives the parameters of a method's type no anchor.
const NOT_OURS = /#type_param_/;

/** The links of a page that lead nowhere. */
function brokenLinks(directory, page) {
  const html = fs.readFileSync(join(directory, page), "utf8");
  const links = [...html.matchAll(/ (?:href|src)="([^"]*)"/g)]
    .map(([, link]) => link.replaceAll("&#x2F;", "/").replaceAll("&amp;", "&"))
    .filter((link) => !/^[a-z]+:/.test(link) && !NOT_OURS.test(link));
  return links.filter((link) => {
    const [path, anchor] = decodeURIComponent(link).split("#");
    const file = path === ""
      ? join(directory, page)
      : resolve(dirname(join(directory, page)), path);
    if (!fs.existsSync(file)) return true;
    return anchor && !fs.readFileSync(file, "utf8").includes(`id="${anchor}"`);
  }).map((link) => `${page}: ${link}`);
}

/**
 * Builds the pages of the reference.
 *
 * @param {string[]} entries The entries of the package.
 * @param {object} options
 * @param {string} options.cwd The directory that the entries are relative to.
 * @param {string[]} options.resolution How Deno resolves `@std/*`.
 * @returns {Promise<{ code: number, output: string }>} What is wrong with them.
 */
export async function buildReference(entries, { cwd, resolution }) {
  const directory = fs.mkdtempSync(join(tmpdir(), "client-store-reference-"));
  try {
    const html = ["--html", "--name=client-store", `--output=${directory}`];
    const built = await run([deno, "doc", ...html, ...resolution, ...entries], { cwd });
    if (built.code !== 0) return built;
    const pages = fs.readdirSync(directory, { recursive: true })
      .filter((name) => name.endsWith(".html"));
    const broken = pages.flatMap((page) => brokenLinks(directory, page));
    return { code: broken.length === 0 ? 0 : 1, output: broken.join("\n") };
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** What an entry does not say: a comment for the module, or a name that a link of its means. */
function silences({ entry, nodes, names }) {
  const text = JSON.stringify(nodes);
  const found = [...text.matchAll(/\{@link(?:code|plain)? ((?!https?:)[A-Za-z]\w*)[^}]*\}/g)]
    .filter(([, name]) => !names.has(name))
    .map(([link]) => `${entry}: ${link} names no export`);
  const comment = nodes.module_doc?.doc ?? nodes.moduleDoc?.doc;
  return comment ? found : [`${entry} has no module comment`, ...found];
}

/** Reads every entry's comments: each has one of its own, and what they link to is exported. */
export async function readComments(entries, { cwd, resolution }) {
  const read = [];
  for (const entry of entries) {
    const { code, output } = await run([deno, "doc", "--json", ...resolution, entry], { cwd });
    if (code !== 0) return { code, output };
    const [nodes] = Object.values(JSON.parse(output.slice(output.indexOf("{"))).nodes);
    const names = new Set(nodes.symbols.map(({ name }) => name));
    read.push({ entry, nodes, names });
  }
  const found = read.flatMap(silences);
  return { code: found.length === 0 ? 0 : 1, output: found.join("\n") };
}
