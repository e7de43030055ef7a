// The three runtimes as they are installed here, and how each runs a TypeScript file of this project.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, root));
const windows = process.platform === "win32";

// The real binaries: the npm shims start Node first.
const local = (...candidates) => candidates.map(path).find((file) => existsSync(file));
export const deno = local(`node_modules/deno/deno${windows ? ".exe" : ""}`) ?? "deno";
export const bun = local("node_modules/bun/bin/bun.exe") ?? "bun";
export const node = "Bun" in globalThis || "Deno" in globalThis ? "node" : process.execPath;

/** Node runs TypeScript through tsx, which reads the names of tsconfig.json. */
export const nodeLoader = ["--import", "tsx"];

/** Where Deno finds @std/*: on npm, or with `jsr` where deno.json says. */
export function denoResolution({ jsr = false } = {}) {
  return jsr ? ["--no-lock"] : ["--no-lock", "--import-map", path("tests/npm/import_map.json")];
}

/** The command that runs a TypeScript file on a runtime. */
export function commandFor(runtime, file, permissions = ["-A"]) {
  if (runtime === "node") return [node, ...nodeLoader, file];
  if (runtime === "bun") return [bun, file];
  return [deno, "run", "--no-check", ...denoResolution(), ...permissions, file];
}

/**
 * Runs a command; resolves to its exit code and all that it printed.
 *
 * @returns {Promise<{ code: number | null, signal: string | null, output: string }>}
 */
export function run([command, ...args], options = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1", ...options.env };
    delete env.FORCE_COLOR; // Deno and Bun colour for any value of it
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options, env });
    let output = "";
    child.stdout?.on("data", (data) => output += data);
    child.stderr?.on("data", (data) => output += data);
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}
