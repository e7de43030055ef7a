import type { ClientChanges } from "../core/client_changes.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type {
  AmendOptions,
  ChangeOptions,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  ReplacedClient,
  StoreOptions,
} from "../core/client_store.ts";
import { noFileSystem, noHome } from "../core/client_store_error.ts";
import type { Fit, Known } from "../core/fit.ts";
import type { Notes, Registration, Registrations } from "../core/registrations.ts";
import type { CurrentRuntime } from "../runtime/runtime.ts";
import type { CachedReader } from "./cached_reader.ts";
import type { ClientStoreOptions, ExamineOptions, FileStore } from "./client_store_options.ts";
import type { FileBackend } from "./file_backend.ts";
import type { Finding } from "./finding.ts";
import { checkOptions, quietly, registryPath } from "./registry_path.ts";

/** The store in a file. What a plain lookup does not need is loaded on first use. */
export class FileClientStore implements FileStore {
  readonly #options: ClientStoreOptions;
  readonly #current: CurrentRuntime;
  readonly #path: string | undefined;
  readonly #warn: (message: string) => void;
  #hasLooked = false;
  #reader: CachedReader | undefined;
  #changes: Promise<ClientChanges> | undefined;
  #backend: Promise<FileBackend> | undefined;
  #checks: typeof import("../core/check_fit.ts") | undefined;

  constructor(options: ClientStoreOptions, current: CurrentRuntime) {
    this.#options = options;
    this.#current = current;
    checkOptions(options);
    this.#path = registryPath(options, options.runtime ?? current);
    this.#warn = quietly(options.warn ?? ((message) => console.warn(message)));
  }

  get path(): string {
    return this.#pathFor("Cannot tell the path of the client store");
  }

  // No async function, which costs Bun a twentieth of all lookups after the first.
  lookup(issuer: string, fit?: Fit): Promise<ClientInformation | undefined> {
    if (fit === undefined) return this.#look(issuer);
    // What is asked for by a wrong name or type, nothing fits; it never rejects.
    return this.#hit(issuer, fit, "checkFit").catch((error) => {
      this.#warn(`${Object(error).message}: nothing is found`);
      return undefined;
    });
  }

  async list(): Promise<Map<string, ListedClient>> {
    return await this.#openReader().then((reader) => reader.list()).catch(() => new Map());
  }

  async store(issuer: string, client: ClientInformation, options?: StoreOptions): Promise<void> {
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
    // A hit, which is what nearly every run is, loads nothing that locks or writes.
    const isRight = typeof register === "function";
    if (isRight && options?.replace === undefined && !options?.signal?.aborted) {
      const client = await this.#hit(issuer, options, "checkWanted").catch(() => undefined);
      if (client) return client;
    }
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

  async registrations(issuer: string): Promise<Registrations> {
    const { commonSpelling } = await import("../core/issuer.ts");
    return await this.#openReader().then((reader) => reader.read(commonSpelling(issuer)))
      .catch(() => ({ all: [], notes: {} }));
  }

  async amend(issuer: string, client: ClientInformation, options?: AmendOptions): Promise<boolean> {
    return await (await this.#openChanges()).amend(issuer, client, options);
  }

  async note(issuer: string, notes: Notes, options?: ChangeOptions): Promise<void> {
    await (await this.#openChanges()).note(issuer, notes, options);
  }

  async examine(options?: ExamineOptions): Promise<Finding[]> {
    return await (await this.#loadBackend()).examine(options);
  }

  async mend(options?: ChangeOptions): Promise<void> {
    await (await this.#loadBackend()).mend(options);
  }

  /** The client that will do; throws where it is said wrongly which one that is. */
  async #hit(
    issuer: string,
    fit: Fit,
    check: "checkFit" | "checkWanted",
  ): Promise<ClientInformation | undefined> {
    this.#checks ??= await import("../core/check_fit.ts");
    this.#checks[check](fit, "Cannot look up client");
    return await this.#look(issuer, fit);
  }

  #look(issuer: string, fit?: Fit): Promise<ClientInformation | undefined> {
    return this.#reader
      ? Promise.resolve(this.#reader.lookup(issuer, fit))
      : this.#firstLookup(issuer, fit);
  }

  async #firstLookup(issuer: string, fit?: Fit): Promise<ClientInformation | undefined> {
    return await this.#firstLook(issuer, fit) ??
      await this.#openReader().then((reader) => reader.lookup(issuer, fit)).catch(() => undefined);
  }

  /** The first lookup of most commands is their only one, so it loads neither adapter nor reader. */
  async #firstLook(issuer: string, fit?: Fit): Promise<ClientInformation | undefined> {
    const { runtime, tenant } = this.#options;
    const path = this.#path;
    if (this.#hasLooked || runtime || tenant !== undefined || path === undefined) return undefined;
    this.#hasLooked = true;
    try {
      const known = await plainClient(this.#current, path, issuer);
      if (!known || !this.#isUsable(known.client)) return undefined;
      if (fit && !(await import("../core/fit.ts")).fits(known, fit)) return undefined;
      return known.client;
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
      (await import("./tenant.ts")).checkTenantToRead(runtime, this.path, tenant);
    }
    const isUsable = (client: ClientInformation) => this.#isUsable(client);
    return this.#reader = new CachedReader(runtime, this.path, isUsable, this.#warn);
  }

  #openChanges(): Promise<ClientChanges> {
    const { now = Date.now } = this.#options;
    return this.#changes ??= Promise.all([
      import("../core/client_changes.ts"),
      this.#loadBackend(),
    ]).then(([{ ClientChanges }, backend]) =>
      new ClientChanges(backend, (client) => this.#isUsable(client), this.#warn, now)
    );
  }

  #loadBackend(): Promise<FileBackend> {
    const { path, tenant, lockTimeout = 10_000 } = this.#options;
    return this.#backend ??= Promise.all([
      import("./file_backend.ts"),
      this.#options.runtime ?? this.#current.load().catch((error) => {
        throw error?.code === "ENOSYS" ? noFileSystem() : error;
      }),
    ]).then(([{ FileBackend }, runtime]) =>
      new FileBackend({
        runtime,
        path: (attempt) => this.#pathFor(attempt),
        isPathGiven: path !== undefined,
        tenant: path === undefined ? tenant : undefined,
        lockTimeout,
        warn: this.#warn,
        openReader: () => this.#openReader(),
      })
    );
  }

  #pathFor(attempt: string): string {
    if (this.#path !== undefined) return this.#path;
    throw noHome(attempt);
  }

  /** Tells whether the client's secret has not expired, nor is about to. */
  #isUsable({ client_secret_expires_at: expiry }: ClientInformation): boolean {
    if (typeof expiry !== "number" || expiry === 0) return true;
    const { now = Date.now, skew = 60 } = this.#options;
    return now() / 1000 < expiry - skew;
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
): Promise<Known | undefined> {
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
  if (metadata === undefined) return { client: entry };
  const { version, issuers } = JSON.parse(metadata);
  const common = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  const { registrations = [] } = Object.hasOwn(issuers, common) ? issuers[common] : {};
  const isOurs = (one: Known & { issuer: string }) =>
    one.issuer === issuer && one.client.client_id === client_id;
  const known = registrations.filter(isOurs);
  const isGiven = registrations.some((one: Registration) => one.source === "pre-registered");
  // Two of one client_id: only the secret tells which it is. One that the user was given wins.
  if (version !== 1 || known.length > 1 || isGiven || metadata.includes("\uFFFD")) return undefined;
  // Both files must be of one moment: the client of one and the metadata of the next do not fit.
  if (text !== await readRegularFile(path)) return undefined;
  const { client, requested } = known[0] ?? {};
  const { client_secret: _, ...members } = client ?? {};
  return { client: { ...members, ...entry }, requested };
}
