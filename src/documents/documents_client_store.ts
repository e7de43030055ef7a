import { ClientChanges } from "../core/client_changes.ts";
import type { ClientInformation } from "../core/client_information.ts";
import type {
  AmendOptions,
  ChangeOptions,
  ClientStore,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  ReplacedClient,
  StoreOptions,
} from "../core/client_store.ts";
import { copyOf } from "../core/copy.ts";
import { find } from "../core/find_registration.ts";
import { checkFit } from "../core/check_fit.ts";
import type { Fit } from "../core/fit.ts";
import { commonSpelling, quote } from "../core/issuer.ts";
import { listedOf } from "../core/list_clients.ts";
import type { Notes, Registrations } from "../core/registrations.ts";
import { DocumentsBackend } from "./documents_backend.ts";
import type { Documents, Sealing } from "./documents.ts";
import { quietly } from "../core/quietly.ts";
import { withAttempt } from "./attempting.ts";
import type { DocumentsStoreOptions } from "./store_options.ts";

/** A client store in a database: what a store means, on versioned documents. */
export class DocumentsClientStore implements ClientStore {
  readonly #backend: DocumentsBackend;
  readonly #changes: ClientChanges;
  readonly #now: () => number;
  readonly #skew: number;

  /** `options` are checked by whoever opens a store, who knows which ones there are. */
  constructor(documents: Documents, sealing: Sealing, options: DocumentsStoreOptions) {
    const { tenant = "default", now = Date.now, skew = 60, maxAge = 0 } = options;
    const warn = quietly(options.warn ?? ((message) => console.warn(message)));
    this.#now = now;
    this.#skew = skew;
    this.#backend = new DocumentsBackend({ documents, sealing, tenant, now, warn, maxAge });
    this.#changes = new ClientChanges(this.#backend, (client) => this.#isUsable(client), warn, now);
  }

  async lookup(issuer: string, fit?: Fit): Promise<ClientInformation | undefined> {
    if (typeof issuer !== "string") return undefined;
    // Told where something fails: it takes as long as all the rest.
    const attempt = () => `Cannot look up client for issuer ${quote(issuer)}`;
    if (fit !== undefined) checkFit(fit, attempt());
    try {
      const value = await this.#backend.readCopy(commonSpelling(issuer));
      const found = find(value, issuer, fit, (client) => this.#isUsable(client));
      return found && copyOf(found.client);
    } catch (error) {
      throw withAttempt(attempt(), error);
    }
  }

  async list(): Promise<Map<string, ListedClient>> {
    const clients = new Map<string, ListedClient>();
    for (const value of await this.#backend.readAll("Cannot list clients")) {
      for (const { issuer } of value.all) {
        const listed = listedOf(value, issuer, (client) => this.#isUsable(client));
        if (listed) clients.set(issuer, listed);
      }
    }
    return clients;
  }

  async store(issuer: string, client: ClientInformation, options?: StoreOptions): Promise<void> {
    await this.#changes.store(issuer, client, options);
  }

  async remove(
    issuer: string,
    only?: { client_id: string },
    options?: ChangeOptions,
  ): Promise<boolean> {
    return await this.#changes.remove(issuer, only, options);
  }

  async getOrRegister(
    issuer: string,
    register: Register,
    options: GetOrRegisterOptions = {},
  ): Promise<ClientInformation> {
    return await this.#changes.getOrRegister(issuer, register, options);
  }

  async replaced(): Promise<ReplacedClient[]> {
    return await this.#changes.replaced();
  }

  async forgetReplaced(
    clients: readonly ReplacedClient[],
    options?: ChangeOptions,
  ): Promise<void> {
    await this.#changes.forgetReplaced(clients, options);
  }

  async registrations(issuer: string): Promise<Registrations> {
    const attempt = `Cannot read registrations for issuer ${quote(issuer)}`;
    return await this.#backend.read(commonSpelling(issuer), attempt);
  }

  async amend(issuer: string, client: ClientInformation, options?: AmendOptions): Promise<boolean> {
    return await this.#changes.amend(issuer, client, options);
  }

  async note(issuer: string, notes: Notes, options?: ChangeOptions): Promise<void> {
    await this.#changes.note(issuer, notes, options);
  }

  /** Tells whether the client's secret has not expired, nor is about to. */
  #isUsable({ client_secret_expires_at: expiry }: ClientInformation): boolean {
    return typeof expiry !== "number" || expiry === 0 || this.#now() / 1000 < expiry - this.#skew;
  }
}
