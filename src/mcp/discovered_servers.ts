import { authorizationServer, isSameIssuer, issuerAt } from "./authorization_server.ts";
import { parseJson } from "./registration_answer.ts";

/** An authorization server that registers clients. */
export interface RegisteringServer {
  readonly issuer: string;
  readonly registrationEndpoint: string;
}

/** The authorization servers that the SDK has discovered, known by what passes between them. */
export class DiscoveredServers {
  /** The issuer that was named or discovered last. */
  issuer: string | undefined;
  /** By their registration endpoints. */
  readonly #servers: Map<string, RegisteringServer> = new Map();
  /** Where a server has sent the SDK for its document, and for whose. */
  readonly #moved: Map<string, string> = new Map();

  constructor(issuer: string | undefined) {
    this.issuer = issuer;
  }

  /** The server that registers clients at this endpoint. */
  registeringAt(endpoint: string): RegisteringServer | undefined {
    return this.#servers.get(endpoint);
  }

  /** The server with this issuer. */
  named(issuer: string): RegisteringServer | undefined {
    return [...this.#servers.values()].find((server) => isSameIssuer(server.issuer, issuer));
  }

  /** Learns of the server that was asked for and has published this document, or none. */
  learn(asked: string, document: unknown): void {
    const { issuer, registrationEndpoint } = authorizationServer(asked, document);
    this.issuer = issuer;
    const known = this.named(issuer);
    // One well-known place without a document says nothing of the next one, nor of what is known.
    if (document === undefined && known) return;
    if (known) this.#servers.delete(known.registrationEndpoint);
    if (registrationEndpoint !== undefined) {
      this.#servers.set(registrationEndpoint, { issuer, registrationEndpoint });
    }
  }

  /** Learns from an answer, if it is to a request for such a document. */
  async learnFrom(target: URL, response: Response): Promise<void> {
    const asked = this.#moved.get(target.href) ?? issuerAt(target);
    if (asked === undefined) return;
    const location = response.headers.get("location");
    if (location !== null && URL.canParse(location, target)) {
      this.#moved.set(new URL(location, target).href, asked); // the SDK follows by itself
    } else {
      this.learn(asked, response.ok ? parseJson(await response.clone().text()) : undefined);
    }
  }
}
