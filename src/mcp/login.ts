import { isSameIssuer } from "../registration/metadata_document.ts";
import type { HandedOut } from "./handed_out_clients.ts";

/** What the browser was sent with: the code that comes back is bound to its client. */
interface Awaited {
  readonly given: HandedOut;
  readonly redirectUrl: string;
  /** The refresh token of the login before; another one shows that the user has come in elsewhere. */
  readonly refreshToken: unknown;
}

/** The login under way: from the way to the browser until tokens come, or somebody gives up. */
export class Login {
  #awaited: Awaited | undefined;

  /** The browser is sent; what was awaited before is not any more. */
  begin(given: HandedOut | undefined, redirectUrl: string, refreshToken: unknown): void {
    this.#awaited = given && { given, redirectUrl, refreshToken };
  }

  /** The client that the code will be for, if one is awaited from this issuer. */
  async clientAwaited(
    issuer: string,
    redirectUrl: string,
    refreshTokenNow: () => Promise<unknown>,
  ): Promise<HandedOut | undefined> {
    const awaited = this.#awaited;
    const isAwaited = awaited?.redirectUrl === redirectUrl &&
      isSameIssuer(awaited.given.issuer, issuer);
    if (!isAwaited) return undefined;
    const refreshToken = await refreshTokenNow();
    const isElsewhere = refreshToken !== undefined && refreshToken !== awaited.refreshToken;
    return isElsewhere ? undefined : awaited.given;
  }

  /** Tokens have come, or this client is dead: the next login may be another client's. */
  end(client_id?: string): void {
    const isOther = client_id !== undefined && this.#awaited?.given.client.client_id !== client_id;
    if (!isOther) this.#awaited = undefined;
  }
}
