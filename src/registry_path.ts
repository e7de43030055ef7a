import type { Runtime } from "./runtime.ts";

/** Where a store keeps its files. */
export interface RegistryLocation {
  /** Directory under the config home; `"ocamlgpt"` unless given. */
  appName?: string;
  /**
   * Keeps the registrations of one tenant apart from all others, in
   * `<directory>/tenants/<tenant>/registered.json`. Two names that differ in case or Unicode
   * normalization only are one directory on some file systems, so the second one is refused.
   */
  tenant?: string;
  /** The file itself, instead of what the other options and the environment say. */
  path?: string;
}

/**
 * The path of `registered.json`: under `$XDG_CONFIG_HOME`, else `$HOME/.config`, else
 * `%USERPROFILE%\.config`, as the XDG Base Directory specification says: an empty or relative
 * `XDG_CONFIG_HOME` counts as unset. `undefined` when there is no home.
 *
 * @throws {TypeError} If an option is no usable name.
 */
export function registryPath(
  { appName = "ocamlgpt", tenant, path }: RegistryLocation,
  { env, join }: Pick<Runtime, "env" | "join">,
): string | undefined {
  if (path !== undefined) {
    if (typeof path === "string" && path !== "" && !path.includes("\0")) return path;
    throw new TypeError("Cannot open client store: path must be a non-empty string without NUL");
  }
  checkName("appName", appName);
  if (tenant !== undefined) checkName("tenant", tenant);
  const xdg = env("XDG_CONFIG_HOME") ?? "";
  const home = env("HOME") || env("USERPROFILE");
  const base = isAbsolute(xdg, join("a", "b").includes("\\"))
    ? xdg
    : home
    ? join(home, ".config")
    : undefined;
  if (base === undefined) return undefined;
  const directory = tenant === undefined ? [appName] : [appName, "tenants", tenant];
  return join(base, ...directory, "registered.json");
}

function isAbsolute(path: string, onWindows: boolean): boolean {
  return onWindows ? /^([A-Za-z]:[\\/]|[\\/])/.test(path) : path.startsWith("/");
}

/** Holds for every file system that a home directory may be on, Windows included. */
function checkName(option: string, name: string): void {
  const fault = nameFault(name);
  if (fault) throw new TypeError(`Cannot open client store: ${option} ${fault}`);
}

function nameFault(name: unknown): string | undefined {
  if (typeof name !== "string" || name === "") return "must be a non-empty string";
  if (new TextEncoder().encode(name).length > 128) return "must not be longer than 128 bytes";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name)) return "must not contain control characters";
  if (/[\\/:*?"<>|]/.test(name)) return 'must not contain any of \\ / : * ? " < > |';
  if (!name.isWellFormed()) return "must be well-formed Unicode";
  if (/^\s|[\s.]$/.test(name)) return "must not begin with a space, nor end with one or with a dot";
  if (/^(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)/i.test(name)) return "must not be a device name";
}
