import type { StoredClientInformation } from "./oauth_client_provider.ts";

/** Members that the SDK takes for the URL of a page or a document. */
const URLS = ["client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri"];
/** Members that it takes for lists of texts. */
const LISTS = ["redirect_uris", "grant_types", "response_types", "contacts"];
/** Members that it takes for times. */
const TIMES = ["client_id_issued_at", "client_secret_expires_at"];
/** Members that it takes for texts. */
const TEXTS = [
  "client_secret",
  "token_endpoint_auth_method",
  "client_name",
  "scope",
  "software_id",
  "software_version",
  "software_statement",
  "application_type",
];

/**
 * The client with only what the SDK can read: it refuses a whole answer for one member that is `null`,
 * `""` or of another type, when the server has registered the client already. It insists on
 * `redirect_uris`: where the server did not answer them, they are those that were asked for.
 */
export function readableClient(
  client: StoredClientInformation & { [member: string]: unknown },
  requested: { redirect_uris?: unknown } = {},
): StoredClientInformation {
  const members = Object.entries({ ...client }).flatMap(([member, value]) => {
    const readable = readableValue(member, value);
    return readable === undefined ? [] : [[member, readable]];
  });
  const readable = Object.fromEntries(members);
  const uris = readable.redirect_uris ?? listOf(requested.redirect_uris);
  return { ...readable, ...(uris !== undefined && { redirect_uris: uris }) };
}

function readableValue(member: string, value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (URLS.includes(member)) return isUrl(value) ? value : undefined;
  if (member === "redirect_uris") return listOf(value)?.every(isUrl) ? value : undefined;
  if (LISTS.includes(member)) return listOf(value);
  if (TIMES.includes(member)) return typeof value === "number" ? value : undefined;
  if (TEXTS.includes(member)) return typeof value === "string" ? value : undefined;
  return value;
}

function listOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((one) => typeof one === "string" && one !== "");
  return texts.length > 0 || value.length === 0 ? texts : undefined;
}

function isUrl(value: unknown): boolean {
  // Both lines refuse those that run as code.
  return typeof value === "string" && URL.canParse(value) &&
    !["javascript:", "data:", "vbscript:"].includes(new URL(value).protocol);
}
