import type { ClientChanges } from "./client_changes.ts";
import type { ClientInformation } from "./client_information.ts";
import type {
  ChangeOptions,
  ClientStore,
  ClientStoreOptions,
  ListedClient,
} from "./client_store.ts";
import { noHome } from "./client_store_error.ts";
import type { GetOrRegisterOptions, Register } from "./get_or_register.ts";
import { CachedReader, otherSpelling } from "./read_cached.ts";
import type { ReplacedClient } from "./registry.ts";
import type { CurrentRuntime, Runtime } from "./runtime.ts";

/** The store in a file, as those see it who look; what changes it loads on first use. */
export class FileClientStore implements ClientStore {
  readonly #options: ClientStoreOptions;
  readonly #current: CurrentRuntime;
  readonly #path: string | undefined;
  readonly #warn: (message: string) => void;
  #reader: CachedReader | undefined;
  #changes: Promise<ClientChanges> | undefined;

  constructor(options: ClientStoreOptions, current: CurrentRuntime) {
    this.#options = options;
    this.#current = current;
    this.#path = registryPath(options, options.runtime ?? current.environment);
    this.#warn = quietly(options.warn ?? ((message) => console.warn(message)));
  }

  get path(): string {
    if (this.#path !== undefined) return this.#path;
    throw noHome("Cannot tell the path of the client store");
  }

  async lookup(issuer: string): Promise<ClientInformation | undefined> {
    try {
      const reader = this.#reader ?? await this.#openReader();
      const client = this.#usable(reader.find(issuer)) ??
        this.#usable(reader.find(otherSpelling(issuer)));
      return client && copy(client);
    } catch {
      return undefined;
    }
  }

  async list(): Promise<Map<string, ListedClient>> {
    try {
      const reader = this.#reader ?? await this.#openReader();
      const clients = [...reader.clients()].map(([issuer, client]): [string, ListedClient] => [
        issuer,
        this.#usable(client) ? copy(client) : { ...copy(client), expired: true },
      ]);
      return new Map(clients);
    } catch {
      return new Map();
    }
  }

  async store(issuer: string, client: ClientInformation, options?: ChangeOptions): Promise<void> {
    await (await this.#openChanges()).store(issuer, client, options);
  }

  async remove(
    issuer: string,
    only?: { client_id: string },
    options?: ChangeOptions,
  ): Promise<boolean> {
    return await (await this.#openChanges()).remove(issuer, only, options);
  }

  async getOrRegister(
    issuer: string,
    register: Register,
    options: GetOrRegisterOptions = {},
  ): Promise<ClientInformation> {
    const { checkFit, fits } = await import("./fit.ts");
    checkFit(options);
    options.signal?.throwIfAborted();
    const client = options.replace === undefined ? await this.lookup(issuer) : undefined;
    // A hit, which is what nearly every run is, loads nothing that locks or writes.
    if (client && fits(client, options)) return client;
    return copy(await (await this.#openChanges()).getOrRegister(issuer, register, options));
  }

  async replaced(): Promise<ReplacedClient[]> {
    return await (await this.#openChanges()).replaced();
  }

  async forgetReplaced(
    clients: readonly ReplacedClient[],
    options?: ChangeOptions,
  ): Promise<void> {
    await (await this.#openChanges()).forgetReplaced(clients, options);
  }

  async #openReader(): Promise<CachedReader> {
    if (this.#reader) return this.#reader;
    const runtime = this.#options.runtime ?? await this.#current.load();
    const { path, tenant } = this.#options;
    if (tenant !== undefined && path === undefined) {
      const { checkTenant } = await import("./tenant.ts");
      checkTenant(runtime, this.path, tenant);
    }
    return this.#reader = new CachedReader(runtime, this.path, this.#warn);
  }

  async #openChanges(): Promise<ClientChanges> {
    return await (this.#changes ??= this.#loadChanges());
  }

  async #loadChanges(): Promise<ClientChanges> {
    const { ClientChanges } = await import("./client_changes.ts");
    const { runtime, path, tenant, lockTimeout = 10_000 } = this.#options;
    return new ClientChanges({
      runtime: runtime ?? await this.#current.load(),
      path: this.#path,
      tenant: path === undefined ? tenant : undefined,
      lockTimeout,
      warn: this.#warn,
      openReader: () => this.#openReader(),
      usable: (client) => this.#usable(client),
    });
  }

  /** The client, unless its secret has expired or is about to. */
  #usable(client: ClientInformation | undefined): ClientInformation | undefined {
    const expiry = client?.client_secret_expires_at;
    if (typeof expiry !== "number" || expiry === 0) return client;
    const { now = Date.now, skew = 60 } = this.#options;
    return now() / 1000 < expiry - skew ? client : undefined;
  }
}

/** What the store keeps must not change under the hands of its callers. */
function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const result = { ...value };
  for (const key in result) {
    if (typeof result[key] === "object") result[key] = copy(result[key]);
  }
  return result;
}

/** A warning that cannot be given must not undo what it tells of. */
function quietly(warn: (message: string) => void): (message: string) => void {
  return (message) => {
    try {
      warn(message);
    } catch {
      // the caller's own affair
    }
  };
}

/**
 * The path of `registered.json`: under `$XDG_CONFIG_HOME`, else `$HOME/.config`, else
 * `%USERPROFILE%\.config`, as the XDG Base Directory specification says: an empty or relative
 * `XDG_CONFIG_HOME` counts as unset. `undefined` when there is no home.
 *
 * @throws {TypeError} If an option is no usable name.
 */
export function registryPath(
  { appName, tenant, path }: ClientStoreOptions,
  { env, join }: Pick<Runtime, "env" | "join">,
): string | undefined {
  if (path !== undefined) {
    if (typeof path === "string" && path !== "" && !path.includes("\0")) return path;
    throw new TypeError("Cannot open client store: path must be a non-empty string without NUL");
  }
  if (appName !== undefined) checkName("appName", appName);
  if (tenant !== undefined) checkName("tenant", tenant);
  const xdg = env("XDG_CONFIG_HOME") ?? "";
  const home = env("HOME") || env("USERPROFILE");
  const base = isAbsolute(xdg, join("a", "b").includes("\\"))
    ? xdg
    : home
    ? join(home, ".config")
    : undefined;
  if (base === undefined) return undefined;
  const directory = join(base, appName ?? "ocamlgpt");
  return tenant === undefined
    ? join(directory, "registered.json")
    : join(directory, "tenants", tenant, "registered.json");
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
