import type { Backend } from "./backend.ts";
import { addReplaced, register as registered, reject } from "./change_registrations.ts";
import { clientAnswer, warnOfMended } from "./client_answer.ts";
import { checkClientInformation, type ClientInformation } from "./client_information.ts";
import type { GetOrRegisterOptions, Register } from "./client_store.ts";
import { ClientStoreError } from "./client_store_error.ts";
import { find, preRegisteredOf, type Usable } from "./find_registration.ts";
import { fits, requestOf, uncovered } from "./fit.ts";
import { commonSpelling } from "./issuer.ts";
import { checkNotWithin, within } from "./nesting.ts";
import { quietly } from "./quietly.ts";
import { type Asking, NO_REFUSAL, refusalNote, requestKey, standingRefusal } from "./refusals.ts";
import { note, type Registrations, type Requested } from "./registrations.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** A registration under way, and what its first caller has asked for. */
interface Flight {
  readonly client: Promise<ClientInformation>;
  readonly options: GetOrRegisterOptions;
}

/** What one caller wants. */
interface Want {
  readonly issuer: string;
  readonly register: Register;
  readonly options: GetOrRegisterOptions;
  /** For messages. */
  readonly attempt: string;
}

/** Finds a client that will do, or registers one, once for all who ask at the same time. */
export class Registrar {
  readonly #backend: Backend;
  readonly #isUsable: Usable;
  readonly #warn: (message: string) => void;
  readonly #now: () => number;
  /** What callers in this process are waiting for, by issuer. */
  readonly #flights: Map<string, Flight> = new Map();

  constructor(
    backend: Backend,
    isUsable: Usable,
    warn: (message: string) => void,
    now: () => number,
  ) {
    this.#backend = backend;
    this.#isUsable = isUsable;
    this.#warn = warn;
    this.#now = now;
  }

  async getOrRegister(want: Want): Promise<ClientInformation> {
    const { issuer, options, attempt } = want;
    const { signal, replace } = options;
    const key = commonSpelling(issuer);
    checkNotWithin(this.#backend.place, key, attempt);
    const asking: Asking = { options, began: this.#now() };
    while (true) {
      signal?.throwIfAborted();
      const value = await this.#backend.read(key, attempt);
      const found = this.#find(value, want);
      if (found) {
        if (replace !== undefined) await this.#forgetRejected(value, want, replace);
        return found;
      }
      const running = this.#flights.get(key);
      if (!running) {
        const client = unlessAborted(this.#registerOnce(want, asking), signal)
          .finally(() => this.#flights.delete(key));
        this.#flights.set(key, { client, options });
        return await client;
      }
      const isSame = isSameRequest(running.options, options);
      try {
        const client = await unlessAborted(running.client, signal);
        // Whoever asked for the same has the answer, whatever the server made of it.
        if (isSame) return client;
      } catch (error) {
        if (signal?.aborted || isSame && !running.options.signal?.aborted) throw error;
        // whoever registered has given up, or was refused something else: no reason for us to stop
      }
    }
  }

  /** Registers while nobody else does, unless somebody else has. */
  async #registerOnce(want: Want, asking: Asking): Promise<ClientInformation> {
    const { issuer, options, attempt } = want;
    const { signal } = options;
    const key = commonSpelling(issuer);
    const onWait = options.onWait && quietly(options.onWait);
    const judge = (value: Registrations) => {
      const client = this.#find(value, want);
      const refused = client ? undefined : standingRefusal(value.notes, asking, this.#now());
      if (refused) throw refused;
      return client;
    };
    const look = async () => judge(await this.#backend.read(key, attempt));
    // What it throws, the look after the wait throws again.
    const isDone = () => look().then((client) => client !== undefined, () => true);
    while (true) {
      const wait = { attempt, signal, isDone, onWait };
      const client = await this.#backend.exclusively(key, wait, async () => {
        const found = await look();
        if (found) return found;
        // What cannot be stored must not be registered. And a file that is damaged, or that could not
        // be read just now, may hold the client.
        const known = judge(await this.#backend.rehearse(key, { attempt, signal }));
        if (known) return known;
        return await this.#keep(want, await this.#register(want));
      }) ?? await look();
      if (client) return client;
    }
  }

  /** Registers; a refusal is kept for all who would ask for the same. */
  async #register({ issuer, register, options, attempt }: Want): Promise<ClientInformation> {
    const { signal } = options;
    let answer: unknown;
    try {
      answer = await within(
        this.#backend.place,
        commonSpelling(issuer),
        () => this.#backend.createAsyncLocal?.(),
        () => register(signal ? { signal } : {}),
      );
    } catch (error) {
      const refused = refusalNote(error, options, this.#now());
      if (refused) {
        const keep = (value: Registrations) => ({ value: note(value, refused), result: undefined });
        // The caller must hear of the refusal, whatever becomes of the note.
        await this.#backend.change(commonSpelling(issuer), keep, { attempt })
          .catch(() => {});
      }
      throw error;
    }
    const usable = clientAnswer(answer);
    if (usable) warnOfMended(usable, issuer, this.#warn);
    return checkClientInformation(usable?.client ?? answer, attempt);
  }

  /** Stores a fresh client, unless another process was faster after all. */
  async #keep(want: Want, client: ClientInformation): Promise<ClientInformation> {
    const { issuer, options, attempt } = want;
    const requested: Requested = { ...options.requested, ...requestOf(options) };
    const added = { issuer, client, source: "dcr" as const, requested };
    const isDead = (standing: ClientInformation) => !this.#isUsable(standing);
    const kept = await this.#backend.change(commonSpelling(issuer), (value) => {
      const other = this.#find(value, want);
      if (other && other.client_id !== client.client_id) {
        return { value: addReplaced(value, added), result: other };
      }
      const { replace } = options;
      const isRejected = replace !== undefined && replace !== client.client_id;
      const rest = isRejected ? reject(value, replace) : value;
      const told = note(registered(rest, added, isDead), NO_REFUSAL);
      return { value: told, result: client };
    }, { attempt, isAnswer: true });
    if (kept === client) this.#warnOf(want, { client, requested });
    return kept;
  }

  /** The client that will do; throws where the one that the user was given will not. */
  #find(value: Registrations, { issuer, options, attempt }: Want): ClientInformation | undefined {
    const isUsable = (client: ClientInformation) =>
      client.client_id !== options.replace && this.#isUsable(client);
    const found = find(value, issuer, options, isUsable);
    const given = preRegisteredOf(value);
    if (found || !given) return found?.client;
    throw notReplaced(
      attempt,
      given.client.client_id === options.replace
        ? "was rejected"
        : this.#isUsable(given.client)
        ? `does not fit what is asked for (${uncovered(given, options).join(", ") || "accept"})`
        : "has expired",
    );
  }

  /** Removes the rejected client where another one will do. */
  async #forgetRejected(value: Registrations, want: Want, rejected: string): Promise<void> {
    const isThere = value.all.some(({ client, state }) =>
      client.client_id === rejected && state !== "replaced"
    );
    if (!isThere) return;
    await this.#backend.change(
      commonSpelling(want.issuer),
      (value) => ({ value: reject(value, rejected), result: undefined }),
      { attempt: want.attempt },
    );
  }

  #warnOf({ issuer, options }: Want, added: { client: ClientInformation; requested: Requested }) {
    const missing = uncovered(added, options);
    if (!this.#isUsable(added.client)) {
      this.#warn(
        `Registered client for issuer "${issuer}" has expired already, or is about to ` +
          "(client_secret_expires_at): every run will register again",
      );
    } else if (!fits(added, options)) {
      this.#warn(
        `Registered client for issuer "${issuer}" is not accepted: every run will register again`,
      );
    } else if (missing.length > 0) {
      this.#warn(
        `Registered client for issuer "${issuer}" does not cover what was asked for ` +
          `(${missing.join(", ")}): it is used all the same, for the server would answer so again`,
      );
    }
  }
}

function notReplaced(attempt: string, what: string): ClientStoreError {
  return new ClientStoreError(
    `${attempt}: the pre-registered client ${what}: ` +
      "it is never registered over; store the right one, or remove it to register",
    { code: "ERR_PRE_REGISTERED", path: "" },
  );
}

/** Tells whether two callers ask for the same, so that what one is told, the other one is, too. */
function isSameRequest(a: GetOrRegisterOptions, b: GetOrRegisterOptions): boolean {
  const conditions = (options: GetOrRegisterOptions) =>
    JSON.stringify([
      requestKey(options),
      options.anyLoopbackPort ?? true,
      options.replace,
      options.retry ?? false,
    ]);
  return a.accept === b.accept && conditions(a) === conditions(b);
}
