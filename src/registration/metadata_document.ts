import { isObject } from "../core/json.ts";
import { quote } from "../core/issuer.ts";
import { RegistrationError } from "../core/registration_error.ts";
import { serverText } from "./server_text.ts";

/**
 * The metadata of an authorization server, as far as they matter here
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414, section 2}).
 */
export interface ServerMetadata {
  /** Its issuer identifier. */
  readonly issuer: string;
  /** Where it registers clients: whether anything may be sent there is not known yet. */
  readonly registration_endpoint?: string;
  /** Its token endpoint: whether anything may be sent there is not known yet. */
  readonly token_endpoint?: string;
  /** Where it revokes tokens: whether anything may be sent there is not known yet. */
  readonly revocation_endpoint?: string;
  /** How clients may authenticate at the token endpoint. */
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  /** Whether it takes the URL of a document for a client. */
  readonly client_id_metadata_document_supported?: boolean;
}

/** What a document is judged by. */
export interface JudgeOptions {
  /**
   * The other issuer that a document may be of: whoever controls that one gets what is sent to this
   * one.
   */
  dangerouslyAcceptIssuer?: string;
}

/**
 * The metadata in a document that was published for `issuer`
 * ({@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 | RFC 8414, section 3.3}); `undefined`
 * when it is no such document.
 *
 * @throws {RegistrationError} If it is of another issuer.
 */
export function judgeMetadata(
  attempt: string,
  issuer: string,
  document: unknown,
  { dangerouslyAcceptIssuer }: JudgeOptions = {},
): ServerMetadata | undefined {
  if (!isObject(document) || typeof document.issuer !== "string") return undefined;
  const named = document.issuer;
  if (!isSameIssuer(named, issuer) && named !== dangerouslyAcceptIssuer) {
    const told = quote(serverText(named));
    throw new RegistrationError(
      `${attempt}: the metadata published there are of another issuer: if you trust it, use ${told}, ` +
        `or pass it as dangerouslyAcceptIssuer`,
    );
  }
  const { token_endpoint_auth_methods_supported: methods } = document;
  const endpoints = ENDPOINTS.filter((name) =>
    document[name] && typeof document[name] === "string"
  );
  return {
    issuer: named,
    ...Object.fromEntries(endpoints.map((name) => [name, document[name]])),
    ...(Array.isArray(methods) && {
      token_endpoint_auth_methods_supported: methods.filter((one) => typeof one === "string"),
    }),
    ...(document.client_id_metadata_document_supported === true && {
      client_id_metadata_document_supported: true,
    }),
  };
}

const ENDPOINTS = ["registration_endpoint", "token_endpoint", "revocation_endpoint"] as const;

/** Tells whether two spellings name one issuer: as URLs, up to one trailing slash. */
export function isSameIssuer(a: string, b: string): boolean {
  const common = (issuer: string) =>
    (URL.canParse(issuer) ? new URL(issuer).href : issuer).replace(/\/$/, "");
  return common(a) === common(b);
}
