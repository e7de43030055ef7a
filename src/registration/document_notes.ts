import type { ClientStore } from "../core/client_store.ts";
import { isObject, type JsonObject, memberOf } from "../core/json.ts";
import type { Notes } from "../core/registrations.ts";
import type { ServerMetadata } from "./metadata_document.ts";

const DAY = 86_400_000;
const SUPPORT = "client_id_metadata_document_supported";
/** What became of documents at the issuer, by their URLs; `./mcp` notes it there, too. */
const DOCUMENTS = "documents";

/**
 * Whether a server takes the URL of a document for a client, as far as the notes with its issuer tell:
 * `"taken"`, `"refused"` for now, or `"unknown"`.
 */
export function documentState(
  notes: Notes,
  url: string,
  now: number,
): "taken" | "refused" | "unknown" {
  if (isRejectedDocument(notes, url, now)) return "refused";
  const support = notes[SUPPORT];
  const { supported, at } = isObject(support) ? support : {};
  if (supported === true) return "taken";
  const isFresh = supported === false && typeof at === "number" && at <= now && now - at < DAY;
  return isFresh ? "refused" : "unknown";
}

/** Tells whether a server has rejected a document less than a day ago. */
export function isRejectedDocument(notes: Notes, url: string, now: number): boolean {
  const { rejected_at: at } = aboutDocument(notes, url);
  return typeof at === "number" && at <= now && now - at < DAY;
}

function aboutDocument(notes: Notes, url: string): JsonObject {
  const documents = notes[DOCUMENTS];
  const about = isObject(documents) ? memberOf(documents, url) : undefined;
  return isObject(about) ? about : {};
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
  const { [DOCUMENTS]: documents } = (await store.registrations(issuer)).notes;
  const about = { rejected_at: now };
  await store.note(issuer, {
    [DOCUMENTS]: { ...(isObject(documents) && documents), [url]: about },
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
