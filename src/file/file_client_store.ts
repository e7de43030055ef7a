import type { ClientChanges } from "./client_changes.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type {
  ChangeOptions,
  ClientStore,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  ReplacedClient,
} from "../core/client_store.ts";
import type { ClientStoreOptions } from "./client_store_options.ts";
import { check, numberFault, registryPath } from "./registry_path.ts";
import { noHome } from "../core/client_store_error.ts";
import type { CachedReader } from "./cached_reader.ts";
import type { CurrentRuntime } from "../runtime/runtime.ts";

/** The store in a file. What a plain lookup does not need is loaded on first use. */
export class FileClientStore implements ClientStore {
  readonly #options: ClientStoreOptions;
  readonly #current: CurrentRuntime;
  readonly #path: string | undefined;
  readonly #warn: (message: string) => void;
  #hasLooked = false;
  #reader: CachedReader | undefined;
  #changes: Promise<ClientChanges> | undefined;

  constructor(options: ClientStoreOptions, current: CurrentRuntime) {
    this.#options = options;
    this.#current = current;
    check("lockTimeout", numberFault(options.lockTimeout));
    check("skew", numberFault(options.skew));
    this.#path = registryPath(options, options.runtime ?? current);
    this.#warn = quietly(options.warn ?? ((message) => console.warn(message)));
  }

  get path(): string {
    if (this.#path !== undefined) return this.#path;
    throw noHome("Cannot tell the path of the client store");
  }

  // No async function, which costs Bun a twentieth of all lookups after the first.
  lookup(issuer: string): Promise<ClientInformation | undefined> {
    return this.#reader ? Promise.resolve(this.#reader.lookup(issuer)) : this.#firstLookup(issuer);
  }

  async list(): Promise<Map<string, ListedClient>> {
    try {
      return (await this.#openReader()).list();
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
    const { checkFit, fits } = await import("../core/fit.ts");
    checkFit(options);
    options.signal?.throwIfAborted();
    const client = options.replace === undefined ? await this.lookup(issuer) : undefined;
    // A hit, which is what nearly every run is, loads nothing that locks or writes.
    if (client && fits(client, options)) return client;
    return await (await this.#openChanges()).getOrRegister(issuer, register, options);
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

  async #firstLookup(issuer: string): Promise<ClientInformation | undefined> {
    try {
      return await this.#firstLook(issuer) ?? (await this.#openReader()).lookup(issuer);
    } catch {
      return undefined;
    }
  }

  /** The first lookup of most commands is their only one, so it loads neither adapter nor reader. */
  async #firstLook(issuer: string): Promise<ClientInformation | undefined> {
    const { runtime, tenant } = this.#options;
    const path = this.#path;
    if (this.#hasLooked || runtime || tenant !== undefined || path === undefined) return undefined;
    this.#hasLooked = true;
    try {
      return this.#usable(await plainClient(this.#current, path, issuer));
    } catch {
      return undefined; // whatever it is, the reader deals with it
    }
  }

  async #openReader(): Promise<CachedReader> {
    if (this.#reader) return this.#reader;
    const [{ CachedReader }, runtime] = await Promise.all([
      import("./cached_reader.ts"),
      this.#options.runtime ?? this.#current.load(),
    ]);
    const { path, tenant } = this.#options;
    if (tenant !== undefined && path === undefined) {
      const [{ checkTenant }, { explainFailures }] = await Promise.all([
        import("./tenant.ts"),
        import("./explain_failures.ts"),
      ]);
      const fs = explainFailures(runtime.fs, "Cannot open client store");
      checkTenant({ fs, join: runtime.join }, this.path, tenant);
    }
    const usable = (client: ClientInformation | undefined) => this.#usable(client);
    return this.#reader = new CachedReader(runtime, this.path, usable, this.#warn);
  }

  async #openChanges(): Promise<ClientChanges> {
    return await (this.#changes ??= this.#loadChanges());
  }

  async #loadChanges(): Promise<ClientChanges> {
    const { path, tenant, lockTimeout = 10_000 } = this.#options;
    const [{ ClientChanges }, runtime] = await Promise.all([
      import("./client_changes.ts"),
      this.#options.runtime ?? this.#current.load(),
    ]);
    return new ClientChanges({
      runtime,
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

/**
 * The client under exactly this issuer where that is plain to see, with its metadata.
 *
 * Says nothing of what takes more than reading: no file or no entry, a link, a ledger of replaced
 * clients, damage (some of which throws). What it does say is what {@linkcode CachedReader} would.
 */
export async function plainClient(
  { readRegularFile }: CurrentRuntime,
  path: string,
  issuer: string,
): Promise<ClientInformation | undefined> {
  const text = await readRegularFile(path) ?? "{}";
  const registry = JSON.parse(text);
  const isRegistry = !Array.isArray(registry) && Object.hasOwn(registry, issuer);
  const { client_id, client_secret } = isRegistry ? registry[issuer] : {};
  const isEntry = typeof client_id === "string" && client_id !== "" &&
    (client_secret === undefined || typeof client_secret === "string");
  if (!isEntry || text.includes("\uFFFD")) return undefined;
  const entry = client_secret === undefined ? { client_id } : { client_id, client_secret };
  const stem = path.endsWith(".json") ? path.slice(0, -".json".length) : path;
  const metadata = await readRegularFile(`${stem}.metadata.json`);
  if (metadata === undefined) return entry;
  const { version, clients, replaced = [] } = JSON.parse(metadata);
  const known = Object.hasOwn(clients, issuer) ? clients[issuer] : { client_id };
  const isPlain = version === 1 && Array.isArray(replaced) && replaced.length === 0 &&
    known.client_id === client_id && !Object.hasOwn(known, "client_secret") &&
    !metadata.includes("\uFFFD");
  // Both files must be of one moment: the client of one and the metadata of the next do not fit.
  return isPlain && text === await readRegularFile(path) ? { ...known, ...entry } : undefined;
}

/** A warning that cannot be given, now or later, must not undo what it tells of. */
function quietly(warn: (message: string) => unknown): (message: string) => void {
  return async (message) => {
    try {
      await warn(message);
    } catch {
      // the caller's own affair
    }
  };
}
