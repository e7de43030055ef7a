import type { Source } from "../core/registrations.ts";
import { isSameIssuer } from "../registration/metadata_document.ts";
import type { StoredClientInformation } from "./oauth_client_provider.ts";

/** A client that the SDK has been given. */
export interface HandedOut {
  /** The issuer at whose own address it is used. */
  readonly issuer: string;
  /** The client, as it was given. */
  readonly client: StoredClientInformation;
  /** How the program came to it; `"own"` where only the provider knows it. */
  readonly source: Source | "own";
}

/** The clients that the SDK has been given, in order, and what the server has rejected of them. */
export class HandedOutClients {
  #clients: HandedOut[] = [];
  readonly #rejected: HandedOut[] = [];

  /** The one that was given last. */
  get last(): HandedOut | undefined {
    return this.#clients.at(-1);
  }

  /** The one with this `client_id` that was given last, for one of these issuers if any is named. */
  find(client_id: string | null, ...issuers: string[]): HandedOut | undefined {
    return this.#clients.findLast((given) =>
      given.client.client_id === client_id &&
      (issuers.length === 0 || issuers.some((issuer) => isSameIssuer(given.issuer, issuer)))
    );
  }

  /** The `client_id` of each. */
  get ids(): string[] {
    return this.#clients.map(({ client }) => client.client_id);
  }

  /** Notes that a client is given. */
  add(given: HandedOut): void {
    const known = this.find(given.client.client_id, given.issuer);
    this.#clients = [...this.#clients.filter((one) => one !== known), given];
  }

  /** Notes that the server has rejected a client. */
  reject(dead: HandedOut): void {
    this.#rejected.push(dead);
  }

  /** Takes out the client that the server has rejected, or, where no rejection was seen, the last. */
  takeDead(): HandedOut | undefined {
    if (this.#rejected.length === 0) return this.#clients.pop();
    for (let seen = this.#rejected.shift(); seen; seen = this.#rejected.shift()) {
      const dead = this.find(seen.client.client_id, seen.issuer);
      if (!dead) continue; // somebody has acted on it already
      this.#clients = this.#clients.filter((one) => one !== dead);
      return dead;
    }
    return undefined;
  }
}
