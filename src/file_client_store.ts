import type { CurrentRuntime } from "./runtime.ts";
import { checkClientInformation, type ClientInformation } from "./client_information.ts";
import type {
  ChangeOptions,
  ClientStore,
  ClientStoreOptions,
  ListedClient,
} from "./client_store.ts";
import { ClientStoreError } from "./client_store_error.ts";
import { checkIssuer, otherSpelling, quote } from "./issuer.ts";
import { CachedReader } from "./read_cached.ts";
import { registryPath } from "./registry_path.ts";
import type { ReplacedClient } from "./metadata.ts";
import type { Flight, GetOrRegisterOptions, Register } from "./get_or_register.ts";
import type { Updater } from "./update.ts";

/** The store in a file; what changes it loads on the first change. */
export class FileClientStore implements ClientStore {
  readonly #options: ClientStoreOptions;
  readonly #current: CurrentRuntime;
  readonly #path: string | undefined;
  readonly #warn: (message: string) => void;
  readonly #flights: Map<string, Flight> = new Map();
  #reader: CachedReader | undefined;
  #updater: Promise<Updater> | undefined;

  constructor(options: ClientStoreOptions, current: CurrentRuntime) {
    this.#options = options;
    this.#current = current;
    this.#path = registryPath(options, options.runtime ?? current.environment);
    this.#warn = quietly(options.warn ?? ((message) => console.warn(message)));
  }

  get path(): string {
    return this.#pathFor("Cannot tell the path of the client store");
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

  async store(
    issuer: string,
    client: ClientInformation,
    { signal }: ChangeOptions = {},
  ): Promise<void> {
    checkIssuer(issuer, "Cannot store client");
    const attempt = `Cannot store client for issuer ${quote(issuer)}`;
    const checked = checkClientInformation(client, attempt);
    const updater = await this.#openUpdater(attempt);
    await updater.update((draft) => draft.set(issuer, checked), { attempt, signal });
  }

  async remove(
    issuer: string,
    only?: { client_id: string },
    { signal }: ChangeOptions = {},
  ): Promise<boolean> {
    const attempt = `Cannot remove client for issuer ${quote(issuer)}`;
    if (typeof issuer !== "string") throw new TypeError(`${attempt}: issuer must be a string`);
    if (only !== undefined && typeof only?.client_id !== "string") {
      throw new TypeError(`${attempt}: only must be an object with a client_id`);
    }
    const updater = await this.#openUpdater(attempt);
    if (!updater.isThere(attempt)) return false;
    return updater.update((draft) => {
      for (const spelling of [issuer, otherSpelling(issuer)]) {
        const client = draft.get(spelling);
        if (!client || only && client.client_id !== only.client_id) continue;
        draft.delete(spelling);
        return true;
      }
      return false;
    }, { attempt, signal });
  }

  async getOrRegister(
    issuer: string,
    register: Register,
    options: GetOrRegisterOptions = {},
  ): Promise<ClientInformation> {
    checkIssuer(issuer, "Cannot register client");
    const attempt = `Cannot register client for issuer ${quote(issuer)}`;
    if (typeof register !== "function") {
      throw new TypeError(`${attempt}: register must be a function`);
    }
    options.signal?.throwIfAborted();
    const { redirectUris, scope, accept, replace } = options;
    if (!redirectUris && scope === undefined && !accept && replace === undefined) {
      const client = await this.lookup(issuer);
      if (client) return client;
    }
    const [{ getOrRegister }, updater, reader] = await Promise.all([
      import("./get_or_register.ts"),
      this.#openUpdater(attempt),
      this.#openReader(),
    ]);
    const find = (spelling: string) => {
      try {
        return this.#usable(reader.find(spelling));
      } catch {
        return undefined;
      }
    };
    const usable = (client: ClientInformation | undefined) => this.#usable(client);
    const store = { flights: this.#flights, attempt, updater, find, usable, warn: this.#warn };
    return copy(await getOrRegister(store, issuer, register, options));
  }

  async replaced(): Promise<ReplacedClient[]> {
    const attempt = "Cannot list replaced clients";
    const updater = await this.#openUpdater(attempt);
    return updater.isThere(attempt) ? updater.update((draft) => draft.orphans, { attempt }) : [];
  }

  async forgetReplaced(
    clients: readonly ReplacedClient[],
    { signal }: ChangeOptions = {},
  ): Promise<void> {
    const attempt = "Cannot forget replaced clients";
    const updater = await this.#openUpdater(attempt);
    if (clients.length === 0 || !updater.isThere(attempt)) return;
    await updater.update((draft) => draft.forget(clients), { attempt, signal });
  }

  #pathFor(attempt: string): string {
    if (this.#path !== undefined) return this.#path;
    throw new ClientStoreError(
      `${attempt}: the environment names no home (ENOENT): set HOME or XDG_CONFIG_HOME, or give path`,
      { code: "ENOENT", path: "" },
    );
  }

  async #openReader(): Promise<CachedReader> {
    const runtime = this.#options.runtime ?? await this.#current.load();
    const { path, tenant } = this.#options;
    if (tenant !== undefined && path === undefined) {
      const { checkTenant } = await import("./tenant.ts");
      checkTenant(runtime, this.path, tenant);
    }
    return this.#reader ??= new CachedReader(runtime, this.path, this.#warn);
  }

  async #openUpdater(attempt: string): Promise<Updater> {
    const path = this.#pathFor(attempt);
    return await (this.#updater ??= this.#loadUpdater(path));
  }

  async #loadUpdater(path: string): Promise<Updater> {
    const { runtime: chosen, tenant, lockTimeout = 10_000 } = this.#options;
    const { Updater } = await import("./update.ts");
    return new Updater({
      runtime: chosen ?? await this.#current.load(),
      path,
      tenant: this.#options.path === undefined ? tenant : undefined,
      lockTimeout,
      warn: this.#warn,
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
