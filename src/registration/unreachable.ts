/** What is the case, and what to do, where a request has failed or its answer broke off. */
export function unreachable(error: unknown): string {
  const isDenied = error instanceof Error && error.name === "NotCapable";
  if (isDenied) return "the server cannot be reached: run with --allow-net";
  const code = codeOf(error);
  const reason = code === undefined ? "" : ` (${code})`;
  if (code !== undefined && /CERT|SIGNATURE/.test(code)) {
    return `the server's certificate is not trusted${reason}: check the issuer, or name the ` +
      "authority in DENO_CERT (Deno) or NODE_EXTRA_CA_CERTS (Node, Bun)";
  }
  if (code === "ENOTFOUND") return `the server's name is unknown${reason}: check the issuer`;
  return `the server cannot be reached, or its answer broke off${reason}: ` +
    "check the network and the issuer";
}

/** What the failure is called, such as ECONNREFUSED: all of it that surely holds no secret. */
function codeOf(error: unknown): string | undefined {
  const { code: own, cause, message } = Object(error);
  const code = own ?? Object(cause).code;
  if (typeof code === "string" && /^[A-Z][A-Za-z_]{2,60}$/.test(code)) return NAMES[code] ?? code;
  // Deno has no codes: the cause is in the text alone.
  const text = `${message} ${Object(cause).message}`;
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Bun has names of its own for these. */
const NAMES: { [code: string]: string } = {
  ConnectionRefused: "ECONNREFUSED",
  ConnectionClosed: "ECONNRESET",
  EAI_AGAIN: "ENOTFOUND",
};

const TEXTS: readonly [pattern: RegExp, code: string][] = [
  [/invalid peer certificate: \w*Expired/i, "CERT_HAS_EXPIRED"],
  [/invalid peer certificate/i, "UNTRUSTED_CERT"],
  [/connection refused|os error 111\b|os error 61\b|os error 10061\b/i, "ECONNREFUSED"],
  [/dns error|failed to lookup|name or service not known|no such host/i, "ENOTFOUND"],
  [/connection reset|os error 104\b/i, "ECONNRESET"],
];
