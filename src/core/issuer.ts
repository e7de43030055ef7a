/**
 * Checks that `issuer` can be stored: an absolute http or https URL without query or fragment
 * (RFC 8414, section 2). It is kept and compared as it stands, never normalized.
 */
export function checkIssuer(issuer: unknown, attempt: string): asserts issuer is string {
  const fault = issuerFault(issuer);
  if (fault) throw new TypeError(`${attempt} for issuer ${quote(issuer)}: ${fault}`);
}

/** What keeps a value from being an issuer, for messages; `undefined` for one. */
export function issuerFault(issuer: unknown): string | undefined {
  if (typeof issuer !== "string") return "issuer must be a string";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x20\x7f\\]/.test(issuer)) {
    return "issuer must not contain spaces, control characters or backslashes";
  }
  if (!issuer.isWellFormed()) return "issuer must not contain lone surrogates";
  if (!/^https?:\/\/[^/]/i.test(issuer) || !URL.canParse(issuer)) {
    return "issuer must be an absolute http or https URL";
  }
  if (/[?#]/.test(issuer)) return "issuer must have no query and no fragment";
  // It would be the other spelling of one that has another spelling already.
  if (issuer.endsWith("//")) return "issuer must not end with two slashes";
  if (!issuer.includes("@")) return;
  const { username, password } = new URL(issuer);
  if (username !== "" || password !== "") return "issuer must hold no user name or password";
}

/** Quotes an issuer for a message, leaving out what may be a password. */
export function quote(issuer: unknown): string {
  if (typeof issuer !== "string") return `of type ${issuer === null ? "null" : typeof issuer}`;
  // Only scheme, host and path are told: credentials, query and fragment may hold secrets.
  const told = withoutCredentials(issuer).replace(/[?#].*$/s, (rest) => `${rest[0]}…`);
  return JSON.stringify(told.length > 200 ? `${told.slice(0, 200)}…` : told);
}

/** The spelling of the same issuer that differs by one trailing slash. */
export function otherSpelling(issuer: string): string {
  return issuer.endsWith("/") ? issuer.slice(0, -1) : `${issuer}/`;
}

/** The spelling that stands for both: without the trailing slash. */
export function commonSpelling(issuer: string): string {
  return issuer.endsWith("/") ? otherSpelling(issuer) : issuer;
}

function withoutCredentials(issuer: string): string {
  if (!issuer.includes("@")) return issuer;
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username + url.password === "") return issuer;
  return issuer.replace(/^(\s*[a-z][a-z0-9+.-]*:[/\\]*)?.*@/is, (_, scheme = "") => `${scheme}…@`);
}
