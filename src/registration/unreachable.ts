import { shellWord } from "../core/shell_word.ts";

/**
 * What is the case, and what to do, where a request has failed or its answer broke off.
 *
 * @param url What was asked, where no answer has begun.
 */
export function unreachable(error: unknown, url?: string): string {
  const isDenied = error instanceof Error && error.name === "NotCapable";
  if (isDenied) {
    const [, host = ""] = /net access to "([^"]+)"/.exec(error.message) ?? [];
    return `the server cannot be reached: run with --allow-net${host && `=${shellWord(host)}`}`;
  }
  const code = codeOf(error);
  const reason = code === undefined ? "" : ` (${code})`;
  if (code !== undefined && /CERT|SIGNATURE/.test(code)) {
    return `the server's certificate is not trusted${reason}: check the issuer, or name the ` +
      "authority in DENO_CERT (Deno) or NODE_EXTRA_CA_CERTS (Node, Bun)";
  }
  if (code === "ENOTFOUND") return `the server's name is unknown${reason}: check the issuer`;
  if (code !== undefined && NO_TLS.test(code)) {
    return `the server does not speak TLS${reason}: check the port, and whether it is http, ` +
      "as it may be on this machine";
  }
  if (code === "ECONNRESET" && url?.startsWith("http:")) {
    return `the server has ended the connection without an answer${reason}: ` +
      "check the port, and whether it is https";
  }
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

/** So it is called where what answers is no TLS. */
const NO_TLS = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/;

/** Runtimes have names of their own for these. */
const NAMES: { [code: string]: string } = {
  ConnectionRefused: "ECONNREFUSED",
  ConnectionClosed: "ECONNRESET",
  EAI_AGAIN: "ENOTFOUND",
  UND_ERR_SOCKET: "ECONNRESET",
};

const TEXTS: readonly [pattern: RegExp, code: string][] = [
  [/invalid peer certificate: \w*Expired/i, "CERT_HAS_EXPIRED"],
  [/invalid peer certificate/i, "UNTRUSTED_CERT"],
  [/connection refused|os error 111\b|os error 61\b|os error 10061\b/i, "ECONNREFUSED"],
  [/dns error|failed to lookup|name or service not known|no such host/i, "ENOTFOUND"],
  [/connection reset|os error 104\b|connection closed before message/i, "ECONNRESET"],
  [/InvalidContentType/, "EPROTO"],
];
