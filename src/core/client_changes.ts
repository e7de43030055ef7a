import type { Backend, Changed, HowToChange } from "./backend.ts";
import {
  amend,
  type Amendment,
  logOut,
  type NewRegistration,
  remove,
  store,
} from "./change_registrations.ts";
import { checkClientInformation, type ClientInformation } from "./client_information.ts";
import type {
  AmendOptions,
  ChangeOptions,
  GetOrRegisterOptions,
  Register,
  ReplacedClient,
  StoreOptions,
} from "./client_store.ts";
import { checkMembers, ClientStoreError, type MembersOf } from "./client_store_error.ts";
import { copyOf } from "./copy.ts";
import { currentOf, preRegisteredOf, type Usable, withClientId } from "./find_registration.ts";
import { checkWanted } from "./check_fit.ts";
import { Registrar } from "./get_or_register.ts";
import { checkIssuer, commonSpelling, otherSpelling, quote } from "./issuer.ts";
import { isObject } from "./json.ts";
import {
  forget,
  isAlive,
  note,
  type Notes,
  orphansOf,
  type Registrations,
} from "./registrations.ts";

const CHANGE: MembersOf<ChangeOptions> = { signal: true };
const STORE: MembersOf<StoreOptions> = { ...CHANGE, source: true, requested: true };
const AMEND: MembersOf<AmendOptions> = { ...CHANGE, requested: true, notes: true };

/** The methods of a store that change it: arguments are checked here, and nowhere below. */
export class ClientChanges {
  readonly #backend: Backend;
  readonly #isUsable: Usable;
  readonly #registrar: Registrar;

  constructor(
    backend: Backend,
    isUsable: Usable,
    warn: (message: string) => void,
    now: () => number = Date.now,
  ) {
    this.#backend = backend;
    this.#isUsable = isUsable;
    this.#registrar = new Registrar(backend, isUsable, warn, now);
  }

  async store(
    issuer: string,
    client: ClientInformation,
    options: StoreOptions = {},
  ): Promise<void> {
    checkIssuer(issuer, "Cannot store client");
    const attempt = `Cannot store client for issuer ${quote(issuer)}`;
    checkMembers(options, STORE, attempt);
    const { source = "dcr", requested, signal } = options;
    if (source !== "dcr" && source !== "pre-registered") {
      throw new TypeError(`${attempt}: source must be "dcr" or "pre-registered"`);
    }
    checkKept("requested", requested, attempt);
    const checked = checkClientInformation(client, attempt);
    const added: NewRegistration = {
      issuer,
      client: checked,
      source,
      ...(requested && { requested: copyOf(requested) }),
    };
    await this.#change(issuer, (value) => {
      if (source === "dcr") checkNotGiven(value, checked, attempt);
      return store(value, added, (standing) => !this.#isUsable(standing));
    }, { attempt, signal });
  }

  async remove(
    issuer: string,
    only?: { client_id: string },
    options: ChangeOptions = {},
  ): Promise<boolean> {
    const attempt = `Cannot remove client for issuer ${quote(issuer)}`;
    if (typeof issuer !== "string") throw new TypeError(`${attempt}: issuer must be a string`);
    if (only !== undefined && typeof only?.client_id !== "string") {
      throw new TypeError(`${attempt}: only must be an object with a client_id`);
    }
    checkMembers(options, CHANGE, attempt);
    const { signal } = options;
    const isRemoved = await this.#backend.change(
      commonSpelling(issuer),
      (value): Changed<boolean> => {
        if (only) {
          const found = withClientId(value, only.client_id);
          const isThere = found !== undefined && isAlive(found);
          return { value: isThere ? remove(value, only.client_id) : value, result: isThere };
        }
        const spelling = [issuer, otherSpelling(issuer)].find((one) => currentOf(value, one)) ??
          value.all.find(isAlive)?.issuer; // the current one alone was removed before
        return {
          value: spelling === undefined ? value : logOut(value, spelling),
          result: spelling !== undefined,
        };
      },
      { attempt, signal, isOfKnown: true },
    );
    return isRemoved ?? false;
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
    checkWanted(options, attempt);
    checkKept("requested", options.requested, attempt);
    return copyOf(await this.#registrar.getOrRegister({ issuer, register, options, attempt }));
  }

  async replaced(): Promise<ReplacedClient[]> {
    const attempt = "Cannot list replaced clients";
    const orphans = (await this.#backend.readAll(attempt)).flatMap(orphansOf);
    return orphans.map(({ issuer, client: { client_secret: _, ...client } }) => ({
      issuer,
      client: copyOf(client),
    }));
  }

  async forgetReplaced(
    clients: readonly ReplacedClient[],
    options: ChangeOptions = {},
  ): Promise<void> {
    const attempt = "Cannot forget replaced clients";
    checkMembers(options, CHANGE, attempt);
    const { signal } = options;
    const issuers = new Set(clients.map(({ issuer }) => commonSpelling(issuer)));
    await Promise.all(Array.from(issuers, async (issuer) => {
      const change = (value: Registrations) => ({ value: forget(value, clients), result: true });
      await this.#backend.change(issuer, change, { attempt, signal, isOfKnown: true });
    }));
  }

  async amend(
    issuer: string,
    client: ClientInformation,
    options: AmendOptions = {},
  ): Promise<boolean> {
    checkIssuer(issuer, "Cannot amend client");
    const attempt = `Cannot amend client for issuer ${quote(issuer)}`;
    checkMembers(options, AMEND, attempt);
    const { requested, notes, signal } = options;
    checkKept("requested", requested, attempt);
    checkKept("notes", notes, attempt);
    const checked = checkClientInformation(client, attempt);
    const amendment: Amendment = { client: checked, requested, notes };
    const isAmended = await this.#backend.change(commonSpelling(issuer), (value) => {
      const isThere = withClientId(value, checked.client_id) !== undefined;
      return { value: isThere ? amend(value, amendment) : value, result: isThere };
    }, { attempt, signal, isOfKnown: true });
    return isAmended ?? false;
  }

  async note(issuer: string, notes: Notes, options: ChangeOptions = {}): Promise<void> {
    checkIssuer(issuer, "Cannot keep a note");
    const attempt = `Cannot keep a note for issuer ${quote(issuer)}`;
    checkMembers(options, CHANGE, attempt);
    checkKept("notes", notes, attempt);
    const { signal } = options;
    await this.#change(issuer, (value) => note(value, notes), { attempt, signal });
  }

  #change(
    issuer: string,
    change: (value: Registrations) => Registrations,
    how: HowToChange,
  ): Promise<void> {
    return this.#backend.change(
      commonSpelling(issuer),
      (value) => ({ value: change(value), result: undefined }),
      how,
    );
  }
}

/** Checks what is to be kept with a client: what is no JSON would fail the changes made with it, too. */
function checkKept(what: "requested" | "notes", value: unknown, attempt: string): void {
  if (value === undefined) return;
  if (!isObject(value)) throw new TypeError(`${attempt}: ${what} must be an object`);
  try {
    JSON.stringify(value);
  } catch {
    throw new TypeError(`${attempt}: ${what} must be JSON, without cycles or BigInt members`);
  }
}

/** A client that the user was given is never registered over. */
function checkNotGiven(value: Registrations, client: ClientInformation, attempt: string): void {
  const given = preRegisteredOf(value);
  if (!given || given.client.client_id === client.client_id) return;
  throw new ClientStoreError(
    `${attempt}: a pre-registered client is stored: remove it first, or store this one with ` +
      'source "pre-registered"',
    { code: "ERR_PRE_REGISTERED", path: "" },
  );
}
