import { otherSpelling } from "../core/issuer.ts";

/** An authorization server, as discovery tells of it. */
export interface AuthorizationServer {
  /** Its issuer identifier: the one that its document is found at, whatever the document claims. */
  readonly issuer: string;
  /** Where it registers clients. */
  readonly registrationEndpoint: string | undefined;
}

const WELL_KNOWN = /\/\.well-known\/(?:oauth-authorization-server|openid-configuration)(?=\/|$)/;

/**
 * The issuer whose metadata is published at `url`
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 | RFC 8414, section 3.1}, and OpenID
 * Connect discovery); `undefined` when the URL is of something else.
 */
export function issuerAt(url: URL): string | undefined {
  if (!WELL_KNOWN.test(url.pathname)) return undefined;
  return `${url.origin}${url.pathname.replace(WELL_KNOWN, "")}`;
}

/**
 * The server with these metadata. A document that claims another issuer than the one it was asked
 * for does not get that one's clients
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 | RFC 8414, section 3.3}).
 */
export function authorizationServer(asked: string, document: unknown): AuthorizationServer {
  const { issuer, registration_endpoint } = Object(document);
  return {
    issuer: typeof issuer === "string" && isSameIssuer(issuer, asked) ? issuer : asked,
    // Without a document, both lines of the SDK register at this path.
    registrationEndpoint: hrefOf(
      document === undefined ? "/register" : registration_endpoint,
      asked,
    ),
  };
}

/** Tells whether two spellings name one issuer, as the SDK compares them. */
export function isSameIssuer(a: string, b: string): boolean {
  const [x, y] = [hrefOf(a) ?? a, hrefOf(b) ?? b];
  return x === y || otherSpelling(x) === y;
}

function hrefOf(url: unknown, base?: string): string | undefined {
  return typeof url === "string" && URL.canParse(url, base) ? new URL(url, base).href : undefined;
}
