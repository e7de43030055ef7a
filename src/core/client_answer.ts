import type { ClientInformation } from "./client_information.ts";
import { isDeep, MAX_DEPTH } from "./depth.ts";
import { isObject, type JsonObject, withMember } from "./json.ts";

/** A client as it can be used, and which members of the answer were changed or left out for that. */
export interface ClientAnswer {
  readonly client: ClientInformation;
  readonly mended: readonly string[];
}

/**
 * The usable client of a server's answer: the server has registered it, so what has one meaning is
 * coerced and what has none is left out; `undefined` without a usable `client_id`.
 */
export function clientAnswer(answer: unknown): ClientAnswer | undefined {
  if (!isObject(answer)) return undefined;
  let client: JsonObject = {};
  const mended: string[] = [];
  for (const [member, value] of Object.entries(answer)) {
    const usable = isDeep(value, MAX_DEPTH)
      ? undefined
      : Object.hasOwn(MEND, member)
      ? MEND[member]?.(value)
      : value;
    if (usable !== value) mended.push(member);
    if (usable !== undefined) client = withMember(client, member, usable as typeof value);
  }
  return typeof client.client_id === "string"
    ? { client: client as ClientInformation, mended }
    : undefined;
}

/** Warns of members that a server has answered with and that were changed or left out. */
export function warnOfMended(
  { mended }: ClientAnswer,
  issuer: string,
  warn: (message: string) => void,
): void {
  if (mended.length === 0) return;
  const names = mended.map((member) => JSON.stringify(member.slice(0, 60))).join(", ");
  warn(
    `The server of issuer ${JSON.stringify(issuer)} answered the registration with members of a ` +
      `wrong type or without sense (${names}): they were mended or left out`,
  );
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** One text, also as the only element of a list. */
function word(value: unknown): string | undefined {
  return text(Array.isArray(value) && value.length === 1 ? value[0] : value);
}

function words(value: unknown): string | undefined {
  return text(Array.isArray(value) ? (texts(value) ?? []).join(" ") : value);
}

function texts(value: unknown): string[] | undefined {
  const list = typeof value === "string" ? [value] : value;
  if (!Array.isArray(list)) return undefined;
  const isUsable = (one: unknown): one is string => typeof one === "string" && one !== "";
  if (list === value && list.length > 0 && list.every(isUsable)) return list;
  const usable = list.filter(isUsable);
  return usable.length > 0 ? usable : undefined;
}

/** A time in seconds since the epoch, also as text, in milliseconds or as a date. */
function time(value: unknown): number | undefined {
  const given = typeof value === "string" && value !== ""
    ? /^-?[\d.]+$/.test(value) ? Number(value) : Date.parse(value) / 1000
    : value;
  if (typeof given !== "number" || !(given >= 0 && given < Infinity)) return undefined;
  return given > 1e11 ? Math.floor(given / 1000) : given;
}

const MEND: { [member: string]: (value: unknown) => unknown } = {
  client_id: text,
  client_secret: text,
  registration_access_token: text,
  registration_client_uri: text,
  client_id_issued_at: time,
  client_secret_expires_at: time,
  scope: words,
  redirect_uris: texts,
  grant_types: texts,
  response_types: texts,
  token_endpoint_auth_method: word,
  application_type: word,
};
