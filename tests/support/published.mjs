// What JSR would get: `deno publish` tells it, with @std from a registry on loopback.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { startRegistry } from "./registry.mjs";
import { deno, run } from "./runtimes.mjs";
import { stdPackages } from "./std_packages.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Does all of a publication but the upload: types, slow types and the list of files.
 *
 * @returns {Promise<{ code: number | null, output: string, files: string[] }>} What `deno publish` said,
 * and the files that it would send.
 */
export async function rehearsePublication() {
  const registry = await startRegistry({ jsr: stdPackages() });
  const cache = mkdtempSync(join(tmpdir(), "client-store-publish-"));
  try {
    const { code, output } = await run([deno, "publish", "--dry-run", "--allow-dirty"], {
      cwd: root,
      env: { ...registry.env, DENO_DIR: cache },
    });
    const files = [...output.matchAll(/^\s+(file:\/\/\S+) \(/gm)]
      .map(([, url]) => relative(root, fileURLToPath(url)).replaceAll("\\", "/"));
    return { code, output, files };
  } finally {
    await registry.close();
    rmSync(cache, { recursive: true });
  }
}

/** A source file as `deno publish` sends it: names of `deno.json` replaced by what they stand for. */
function unfurled(text, imports) {
  return text.replace(/( from |import\()"(@?\w[\w/]*)"/g, (whole, before, specifier) => {
    const name = Object.keys(imports).find((one) => `${specifier}/`.startsWith(`${one}/`));
    if (name === undefined) return whole;
    return `${before}"${imports[name]}${specifier.slice(name.length)}"`;
  });
}

/** The package as JSR serves it. */
export async function jsrPackage() {
  const { code, output, files } = await rehearsePublication();
  if (code !== 0) throw new Error(output);
  const read = (file) => readFileSync(join(root, file), "utf8");
  const { name, version, exports, imports } = JSON.parse(read("deno.json"));
  const texts = files.map((file) => [
    file,
    file.endsWith(".ts") ? unfurled(read(file), imports) : read(file),
  ]);
  return { name, version, exports, files: Object.fromEntries(texts) };
}
