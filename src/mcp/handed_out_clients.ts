import type { ClientInformation } from "../core/client_information.ts";
import { isSameIssuer } from "./authorization_server.ts";

/** A client that the SDK has been given. */
export interface HandedOut {
  readonly issuer: string;
  readonly client: ClientInformation;
}

/** The clients that the SDK has been given, in order, and what the server has rejected of them. */
export class HandedOutClients {
  #clients: HandedOut[] = [];
  readonly #rejected: string[] = [];

  /** The one that was given last. */
  get last(): HandedOut | undefined {
    return this.#clients.at(-1);
  }

  /** The one with this `client_id` that was given last. */
  find(client_id: string | null): HandedOut | undefined {
    return this.#clients.findLast(({ client }) => client.client_id === client_id);
  }

  /** The `client_id` of each. */
  get ids(): string[] {
    return this.#clients.map(({ client }) => client.client_id);
  }

  /** Notes that a client is given. */
  add(issuer: string, client: ClientInformation): void {
    const others = this.#clients.filter((given) => !isSame(given, issuer, client.client_id));
    this.#clients = [...others, { issuer, client }];
  }

  /** Tells whether a client has been given. */
  has(issuer: string, client_id: string): boolean {
    return this.#clients.some((given) => isSame(given, issuer, client_id));
  }

  /** Notes that the server has rejected a client. */
  reject(client_id: string): void {
    this.#rejected.push(client_id);
  }

  /** Takes out the client that the server has rejected, or, where no rejection was seen, the last. */
  takeDead(): HandedOut | undefined {
    if (this.#rejected.length === 0) return this.#clients.pop();
    for (let dead = this.#rejected.shift(); dead !== undefined; dead = this.#rejected.shift()) {
      const at = this.#clients.findLastIndex(({ client }) => client.client_id === dead);
      if (at >= 0) return this.#clients.splice(at, 1)[0];
    }
    return undefined;
  }
}

function isSame(given: HandedOut, issuer: string, client_id: string): boolean {
  return given.client.client_id === client_id && isSameIssuer(given.issuer, issuer);
}
