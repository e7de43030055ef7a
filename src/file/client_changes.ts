import type { Runtime } from "../runtime/runtime.ts";
import { checkClientInformation, type ClientInformation } from "../core/client_information.ts";
import type {
  ChangeOptions,
  GetOrRegisterOptions,
  Register,
  ReplacedClient,
} from "../core/client_store.ts";
import { type Flight, getOrRegister } from "./get_or_register.ts";
import { checkIssuer, otherSpelling, quote } from "../core/issuer.ts";
import { noHome } from "../core/client_store_error.ts";
import { type CachedReader, copy } from "./cached_reader.ts";
import { Updater } from "./update.ts";

/** What changes are made on, and how clients are found. */
export interface ClientChangesOptions {
  readonly runtime: Runtime;
  /** `registered.json`; `undefined` where the environment names no home. */
  readonly path: string | undefined;
  readonly tenant: string | undefined;
  /** How long to wait for the lock, in milliseconds. */
  readonly lockTimeout: number;
  readonly warn: (message: string) => void;
  openReader(): Promise<CachedReader>;
  /** The client, unless it has expired. */
  usable(client: ClientInformation | undefined): ClientInformation | undefined;
}

/** The methods of a store that change it: arguments are checked here, and nowhere below. */
export class ClientChanges {
  readonly #options: ClientChangesOptions;
  readonly #flights: Map<string, Flight> = new Map();
  #updater: Updater | undefined;

  constructor(options: ClientChangesOptions) {
    this.#options = options;
  }

  async store(
    issuer: string,
    client: ClientInformation,
    { signal }: ChangeOptions = {},
  ): Promise<void> {
    checkIssuer(issuer, "Cannot store client");
    const attempt = `Cannot store client for issuer ${quote(issuer)}`;
    const checked = checkClientInformation(client, attempt);
    const updater = this.#openUpdater(attempt);
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
    const updater = this.#openUpdater(attempt);
    if (!updater.isThere(attempt)) return false;
    return await updater.update((draft) => {
      const found = [issuer, otherSpelling(issuer)].filter((spelling) => {
        const client = draft.get(spelling);
        return client && (!only || client.client_id === only.client_id);
      });
      // Named by its client_id it goes under both: it is that client that is not wanted any more.
      for (const spelling of only ? found : found.slice(0, 1)) draft.delete(spelling);
      return found.length > 0;
    }, { attempt, signal });
  }

  async getOrRegister(
    issuer: string,
    register: Register,
    options: GetOrRegisterOptions,
  ): Promise<ClientInformation> {
    checkIssuer(issuer, "Cannot register client");
    const attempt = `Cannot register client for issuer ${quote(issuer)}`;
    if (typeof register !== "function") {
      throw new TypeError(`${attempt}: register must be a function`);
    }
    if (options.replace !== undefined && typeof options.replace !== "string") {
      throw new TypeError(`${attempt}: replace must be a client_id`);
    }
    const { warn, usable, openReader } = this.#options;
    const updater = this.#openUpdater(attempt);
    const reader = await openReader();
    const find = (spelling: string) => {
      try {
        return reader.find(spelling);
      } catch {
        return undefined;
      }
    };
    const store = { flights: this.#flights, attempt, updater, find, usable, warn };
    return copy(await getOrRegister(store, issuer, register, options));
  }

  async replaced(): Promise<ReplacedClient[]> {
    const attempt = "Cannot list replaced clients";
    const updater = this.#openUpdater(attempt);
    if (!updater.isThere(attempt)) return [];
    return await updater.update((draft) => draft.orphans, { attempt });
  }

  async forgetReplaced(
    clients: readonly ReplacedClient[],
    { signal }: ChangeOptions = {},
  ): Promise<void> {
    const attempt = "Cannot forget replaced clients";
    const updater = this.#openUpdater(attempt);
    if (clients.length === 0 || !updater.isThere(attempt)) return;
    await updater.update((draft) => draft.forget(clients), { attempt, signal });
  }

  #openUpdater(attempt: string): Updater {
    const { path } = this.#options;
    if (path === undefined) throw noHome(attempt);
    return this.#updater ??= new Updater({ ...this.#options, path });
  }
}
