// The package as JSR's npm layer makes it: compiled, its imports under the names of that layer.
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow } from "./files_below.mjs";
import { npmNameOf, startRegistry, tarball } from "./registry.mjs";
import { deno, run } from "./runtimes.mjs";
import { stdPackages } from "./std_packages.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A compiled file, with `@jsr/std__path` for `@std/path`. */
function renamed(text) {
  return text.replace(
    /(from |import\()"(@std\/\w+)/g,
    (_, before, name) => `${before}"${npmNameOf(name)}`,
  );
}

/** The package `@jsr/oauth2__client-store`, of what `deno pack` compiles. */
export async function jsrNpmPackage() {
  const work = fs.mkdtempSync(join(tmpdir(), "client-store-jsr-"));
  const registry = await startRegistry({ jsr: stdPackages() });
  try {
    const packed = join(work, "packed.tgz");
    const pack = [deno, "pack", "--allow-dirty", "--no-source-maps", "--output", packed];
    const env = { ...registry.env, DENO_DIR: join(work, "deno") };
    for (const command of [pack, ["tar", "-xzf", packed, "-C", work]]) {
      const { code, output } = await run(command, { cwd: root, env });
      if (code !== 0) throw new Error(output);
    }
    const files = filesBelow(join(work, "package"));
    for (const file of Object.keys(files).filter((name) => /\.js$|\.d\.ts$/.test(name))) {
      files[file] = renamed(files[file].toString());
    }
    const { imports } = JSON.parse(fs.readFileSync(join(root, "deno.json"), "utf8"));
    const std = ["@std/json", "@std/path"]
      .map((name) => [npmNameOf(name), imports[name].replace(/^.*@/, "")]);
    const packageJson = JSON.parse(files["package.json"]);
    packageJson.name = npmNameOf(packageJson.name);
    packageJson.dependencies = {
      ...Object.fromEntries(std),
      oauth4webapi: imports.oauth4webapi.replace(/^.*@/, ""),
    };
    files["package.json"] = JSON.stringify(packageJson);
    return { packageJson, tgz: tarball(files) };
  } finally {
    await registry.close();
    fs.rmSync(work, { recursive: true });
  }
}
