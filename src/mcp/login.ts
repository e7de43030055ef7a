import { isSameIssuer } from "../registration/metadata_document.ts";
import type { HandedOut } from "./handed_out_clients.ts";

/** What a provider keeps of a login, as far as it tells logins apart. */
export interface Tokens {
  readonly access_token?: unknown;
  readonly refresh_token?: unknown;
}

/** What the browser was sent with: the code that comes back is bound to its client. */
export interface Awaited {
  readonly given: HandedOut;
  readonly redirectUrl: string;
  /** The tokens of the login before. */
  readonly before: Tokens;
}

/** The login under way: from the way to the browser until tokens come, or somebody gives up. */
export class Login {
  #awaited: Awaited | undefined;

  /** The browser is sent; what was awaited before is not any more. */
  begin(given: HandedOut | undefined, redirectUrl: string, before: Tokens): void {
    this.#awaited = given && { given, redirectUrl, before };
  }

  /** The client that the code will be for, if one is awaited from this issuer. */
  async clientAwaited(
    issuer: string,
    redirectUrl: string,
    tokensNow: () => Promise<Tokens>,
  ): Promise<HandedOut | undefined> {
    const awaited = this.#awaited;
    const isAwaited = awaited?.redirectUrl === redirectUrl &&
      isSameIssuer(awaited.given.issuer, issuer);
    if (!isAwaited) return undefined;
    const { refresh_token } = await tokensNow();
    // Another refresh token shows that the user has come in elsewhere.
    const isElsewhere = refresh_token !== undefined &&
      refresh_token !== awaited.before.refresh_token;
    return isElsewhere ? undefined : awaited.given;
  }

  /** The code of this client was redeemed, or the client is dead: the next login may be another's. */
  end(client_id?: string): void {
    const isOther = client_id !== undefined && this.#awaited?.given.client.client_id !== client_id;
    if (!isOther) this.#awaited = undefined;
  }

  /**
   * The provider is given tokens to keep; the login that they end is returned, where it is sure that
   * they are of one: not the tokens of before, saved again, and none that a refresh may have given.
   */
  endWith({ access_token }: Tokens): Awaited | undefined {
    const awaited = this.#awaited;
    if (!awaited || access_token === awaited.before.access_token) return undefined;
    // A refresh may have given them while the browser is still away.
    if (awaited.before.refresh_token !== undefined) return undefined;
    this.#awaited = undefined;
    return awaited;
  }
}
