import type { Runtime } from "../runtime/runtime.ts";
import { decodeUtf8 } from "./text_encoding.ts";

/** Reads a text file whose bytes must be UTF-8; code `EILSEQ` says they are not. */
export function readText(fs: Runtime["fs"], path: string): string {
  const text = fs.readTextFile(path);
  if (!text.includes("\uFFFD")) return text;
  const whole = decodeUtf8(fs.readFile(path));
  if (whole !== undefined) return whole;
  throw Object.assign(new Error(`Malformed UTF-8 in "${path}"`), { code: "EILSEQ" });
}

/** The file that `path` stands for: where it leads if it is a symbolic link, else itself. */
export function realFile(runtime: Pick<Runtime, "fs" | "join">, path: string): string {
  return runtime.fs.readLink(path) === undefined ? path : realPath(runtime, path, 40);
}

/** A path without links, as the system finds it: `..` leads up from where a link has led. */
function realPath(runtime: Pick<Runtime, "fs" | "join">, path: string, hops: number): string {
  const { fs, join } = runtime;
  const parts = hasSlashes(runtime)
    ? /^(.*[^/])\/+([^/]+)\/*$/
    : /^(.*[^\\/:])[\\/]+([^\\/]+)[\\/]*$/;
  const [, above, name = path] = parts.exec(path) ?? [];
  const directory = above === undefined ? undefined : realPath(runtime, above, hops);
  const here = directory === undefined ? path : join(directory, name);
  if (name === "." || name === ".." || hops === 0) return here; // a circle: whoever opens it is told so
  let target: string | undefined;
  try {
    target = fs.readLink(here);
  } catch {
    // one that we may pass through, but not look at
  }
  if (target === undefined) return here;
  const isAbsolute = /^([\\/]|[A-Za-z]:[\\/])/.test(target);
  // Not joined: that would take `..` for the way back by which a link in the target was reached.
  const next = isAbsolute ? target : `${directory ?? join(path, "..")}/${target}`;
  return realPath(runtime, next, hops - 1);
}

/** The last part of a path, also of one that names no directory, or a drive alone. */
export function nameOf(runtime: Pick<Runtime, "join">, path: string): string {
  return (hasSlashes(runtime) ? /[^/]*$/ : /[^\\/:]*$/).exec(path)?.[0] ?? path;
}

/**
 * The directory that a file lies in, in the very letters of its path: what leads up in them leads where
 * the system says, and not where `join` does.
 */
export function directoryOf(runtime: Pick<Runtime, "join">, path: string): string {
  const above = path.slice(0, path.length - nameOf(runtime, path).length);
  return above.replace(hasSlashes(runtime) ? /([^/])\/+$/ : /([^\\/:])[\\/]+$/, "$1") || ".";
}

function hasSlashes({ join }: Pick<Runtime, "join">): boolean {
  return join("a", "b").includes("/");
}

/** What names have in common that are one on file systems which tell neither case nor letters' forms. */
export function folded(name: string): string {
  if (/^[\0-\x7f]*$/.test(name)) return name.toLowerCase();
  return name.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
}

/** The metadata file beside a registry file. */
export function metadataPath(registryFile: string): string {
  const name = registryFile.endsWith(".json")
    ? registryFile.slice(0, -".json".length)
    : registryFile;
  return `${name}.metadata.json`;
}

/** The warning that a metadata file is of a later library. */
export function unknownVersion(path: string): string {
  return `Ignored "${path}": its version is not known to this version of @oauth2/client-store, and it is left untouched`;
}
