import type { ClientStore } from "../core/client_store.ts";
import { isObject } from "../core/json.ts";
import type { Notes } from "../core/registrations.ts";
import type { ServerMetadata } from "./metadata_document.ts";

const DAY = 86_400_000;
const SUPPORT = "client_id_metadata_document_supported";
const REJECTED = "client_id_metadata_documents_rejected";

/**
 * Whether a server takes the URL of a document for a client, as far as the notes with its issuer tell:
 * `"taken"`, `"refused"` for now, or `"unknown"`.
 */
export function documentState(
  notes: Notes,
  url: string,
  now: number,
): "taken" | "refused" | "unknown" {
  const rejected = notes[REJECTED];
  const until = isObject(rejected) && Object.hasOwn(rejected, url) ? rejected[url] : undefined;
  // The second condition is for a clock that was set back.
  if (typeof until === "number" && now < until && until - now <= DAY) return "refused";
  const support = notes[SUPPORT];
  const { supported, at } = isObject(support) ? support : {};
  if (supported === true) return "taken";
  const isFresh = supported === false && typeof at === "number" && at <= now && now - at < DAY;
  return isFresh ? "refused" : "unknown";
}

/** Notes what a server says of documents, if it says anything new. */
export async function noteSupport(
  store: ClientStore,
  issuer: string,
  server: ServerMetadata,
  now: number,
): Promise<void> {
  const supported = server.client_id_metadata_document_supported === true;
  const { notes } = await store.registrations(issuer);
  const known = notes[SUPPORT];
  if (supported && isObject(known) && known.supported === true) return;
  await store.note(issuer, { [SUPPORT]: { supported, at: now } });
}

/** Notes that a server has rejected a document: it is not tried again for a day. */
export async function noteRejection(
  store: ClientStore,
  issuer: string,
  url: string,
  now: number,
): Promise<void> {
  const { notes } = await store.registrations(issuer);
  const before = Object.entries(notes[REJECTED] ?? {}).filter(([, until]) => Number(until) > now);
  await store.note(issuer, {
    [REJECTED]: { ...Object.fromEntries(before), [url]: now + DAY },
  });
}

/**
 * Checks the URL of a client's document
 * ({@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document | Client
 * ID Metadata Document}).
 */
export function checkDocumentUrl(attempt: string, url: unknown): void {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  const isUsable = parsed?.protocol === "https:" && parsed.pathname !== "/" &&
    parsed.hash === "" && parsed.username + parsed.password === "";
  if (isUsable) return;
  throw new TypeError(
    `${attempt}: clientMetadataUrl must be an https URL with a path and without a fragment`,
  );
}
