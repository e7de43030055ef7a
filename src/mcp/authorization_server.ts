import { isSameIssuer, judgeMetadata } from "../registration/metadata_document.ts";

/** An authorization server, as discovery tells of it. */
export interface AuthorizationServer {
  /** Its issuer identifier: the one that its document is found at, whatever the document claims. */
  readonly issuer: string;
  /** What the document says that its issuer is: the SDK may have been told to believe it. */
  readonly claimed: string;
  /** Where it registers clients. */
  readonly registrationEndpoint: string | undefined;
  /** Where it gives tokens. */
  readonly tokenEndpoint: string | undefined;
  /** Whether it takes the URL of a Client ID Metadata Document for a client. */
  readonly takesDocuments: boolean;
  /** Whether its document was seen. */
  readonly isPublished: boolean;
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
 * The server with this document, or without one. A document that claims another issuer than the one
 * it was asked for does not get that one's clients
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 | RFC 8414, section 3.3}).
 */
export function authorizationServer(asked: string, document: unknown): AuthorizationServer {
  const claimed = Object(document).issuer;
  const metadata = judgeMetadata("", asked, document, { dangerouslyAcceptIssuer: claimed });
  // Without a document, both lines of the SDK use these paths.
  const { registration_endpoint, token_endpoint } = metadata ??
    { registration_endpoint: "/register", token_endpoint: "/token" };
  return {
    issuer: metadata && isSameIssuer(metadata.issuer, asked) ? metadata.issuer : asked,
    claimed: metadata?.issuer ?? asked,
    registrationEndpoint: hrefOf(registration_endpoint, asked),
    tokenEndpoint: hrefOf(token_endpoint, asked),
    takesDocuments: metadata?.client_id_metadata_document_supported === true,
    isPublished: metadata !== undefined,
  };
}

function hrefOf(url: string | undefined, base: string): string | undefined {
  return url !== undefined && URL.canParse(url, base) ? new URL(url, base).href : undefined;
}
