import { parseJson } from "../core/json.ts";
import { quote } from "../core/issuer.ts";
import { isSameIssuer } from "../registration/metadata_document.ts";
import { readBody } from "../registration/read_body.ts";
import { type AuthorizationServer, authorizationServer, issuerAt } from "./authorization_server.ts";

/** The authorization servers that the SDK has discovered, known by what passes between them. */
export class DiscoveredServers {
  #servers: AuthorizationServer[] = [];
  /** The one that was named or discovered last. */
  #current: AuthorizationServer | undefined;
  /** Where a server has sent the SDK for its document, and for whose. */
  readonly #moved: Map<string, string> = new Map();

  /** `issuer` is the one that the program names. */
  constructor(issuer: string | undefined) {
    if (issuer !== undefined) this.learn(issuer, undefined);
  }

  /**
   * The server that the SDK registers for at this endpoint: any server may name another one's, so it is
   * the one discovered last, if that names it.
   */
  registeringAt(endpoint: string): AuthorizationServer | undefined {
    const named = this.#servers.filter((server) => server.registrationEndpoint === endpoint);
    return named.find((server) => server === this.#current) ?? named.at(-1);
  }

  /** The issuers that give tokens at this endpoint. */
  issuersAt(endpoint: string): string[] {
    return this.#servers.filter((server) => server.tokenEndpoint === endpoint)
      .map(({ issuer }) => issuer);
  }

  /** The server at this issuer's own address. */
  at(issuer: string): AuthorizationServer | undefined {
    return this.#servers.find((server) => isSameIssuer(server.issuer, issuer));
  }

  /**
   * The server that the SDK means: the one whose document it has the name from, else the last one;
   * `undefined` where nothing was seen of it.
   *
   * @throws {Error} If two servers claim the name.
   */
  meant(context: { issuer: string } | undefined): AuthorizationServer | undefined {
    if (context === undefined) return this.#current;
    const { issuer } = context;
    const [server, ...others] = this.#servers.filter((one) => isSameIssuer(one.claimed, issuer));
    if (others.length === 0) return server;
    throw new Error(
      `Cannot choose a client for issuer ${quote(issuer)}: several servers claim to be it: ` +
        "do not skip the check of the issuer, or use a provider for each",
    );
  }

  /** Learns of the server that was asked for and has published this document, or none. */
  learn(asked: string, document: unknown): void {
    const server = authorizationServer(asked, document);
    const known = this.at(server.issuer);
    // One well-known place without a document says nothing of the next one, nor of what is known.
    this.#current = known && !server.isPublished ? known : server;
    if (this.#current !== known) {
      this.#servers = [...this.#servers.filter((one) => one !== known), server];
    }
  }

  /** Learns from an answer, if it is to a request for such a document. */
  async learnFrom(target: URL, response: Response): Promise<void> {
    if (target.pathname.includes("/.well-known/oauth-protected-resource")) {
      return await this.#learnFromResource(response);
    }
    const asked = this.#moved.get(target.href) ?? issuerAt(target);
    if (asked === undefined) return;
    this.#moved.delete(target.href);
    const location = response.headers.get("location");
    const moved = location !== null && URL.canParse(location, target)
      ? new URL(location, target)
      : undefined;
    if (moved?.origin === target.origin) {
      this.#moved.set(moved.href, asked); // the SDK follows by itself, and no further than this
    } else {
      this.learn(asked, response.ok ? await jsonOf(response) : undefined);
    }
  }

  /** A resource names its server first: some ask for the client before they discover that one. */
  async #learnFromResource(response: Response): Promise<void> {
    if (!response.ok) return;
    const { authorization_servers } = Object(await jsonOf(response));
    const [url]: unknown[] = Array.isArray(authorization_servers) ? authorization_servers : [];
    if (typeof url === "string" && URL.canParse(url)) this.learn(url, undefined);
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  return parseJson((await readBody(response.clone(), undefined)).text);
}
