import {
  checkCommonOptions,
  checkMembers,
  checkOption,
  type MembersOf,
  numberFault,
} from "../core/client_store_error.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ClientStoreOptions } from "./client_store_options.ts";

/**
 * The path of `registered.json`: under `$XDG_CONFIG_HOME`, else `$HOME/.config`, else
 * `%USERPROFILE%\.config`, as the XDG Base Directory specification says: an empty or relative
 * `XDG_CONFIG_HOME` counts as unset. So does a relative home, `~` for one: secrets must not land in
 * the working directory. `undefined` when there is no home.
 *
 * @throws {TypeError} If an option is no usable name.
 */
export function registryPath(
  { appName, tenant, path }: ClientStoreOptions,
  { env, join }: Pick<Runtime, "env" | "join">,
): string | undefined {
  if (path !== undefined) {
    checkOption("path", pathFault(path));
    return path;
  }
  if (appName !== undefined) checkOption("appName", nameFault(appName));
  if (tenant !== undefined) checkOption("tenant", nameFault(tenant));
  // On Windows "/home/u", as shells from elsewhere say, would be a directory of whichever drive it is.
  const absolute = join("a", "b").includes("\\") ? /^([A-Za-z]:|[\\/])[\\/]/ : /^\//;
  let base = env("XDG_CONFIG_HOME") ?? "";
  if (!absolute.test(base)) {
    const home = [env("HOME"), env("USERPROFILE")].find((path) => absolute.test(path ?? ""));
    if (home === undefined) return undefined;
    base = join(home, ".config");
  }
  const directory = join(base, appName ?? "ocamlgpt");
  return tenant === undefined
    ? join(directory, "registered.json")
    : join(directory, "tenants", tenant, "registered.json");
}

const OPTIONS: MembersOf<ClientStoreOptions> = {
  appName: true,
  tenant: true,
  path: true,
  runtime: true,
  warn: true,
  lockTimeout: true,
  skew: true,
  now: true,
};

/** Refuses options that would fail much later, or mean something that nobody has meant. */
export function checkOptions(options: ClientStoreOptions): void {
  checkMembers(options, OPTIONS, "Cannot open client store");
  checkCommonOptions(options);
  checkOption("lockTimeout", numberFault(options.lockTimeout));
}

function pathFault(path: unknown): string | undefined {
  if (typeof path !== "string" || path === "" || path.includes("\0") || !path.isWellFormed()) {
    return "must be a non-empty string of well-formed Unicode without NUL";
  }
  if (/^~($|[\\/])/.test(path)) return 'must not begin with "~/": only a shell knows what it means';
}

/** Holds for every file system that a home directory may be on, Windows included. */
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

/** A warning that cannot be given, now or later, must not undo what it tells of. */
export function quietly(warn: (message: string) => unknown): (message: string) => void {
  return async (message) => {
    try {
      await warn(message);
    } catch {
      // the caller's own affair
    }
  };
}
