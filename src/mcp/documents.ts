import type { ClientStore } from "../core/client_store.ts";
import type { Registrations } from "../core/registrations.ts";

/** The note of an issuer: what became of the documents that clients were named by there. */
const DOCUMENTS = "documents";
/** How long a server that has rejected a document is not asked again, in milliseconds. */
const REJECTED_FOR = 24 * 60 * 60 * 1000;

/** Tells whether the server has rejected this document not long ago. */
export function isRejectedDocument(value: Registrations, url: string): boolean {
  const { rejected_at } = noteOf(value, url);
  return typeof rejected_at === "number" && Date.now() < rejected_at + REJECTED_FOR;
}

/** Tells whether a login with this document has ended in tokens: they are bound to it. */
export function isUsedDocument(value: Registrations, url: string): boolean {
  return noteOf(value, url).used === true;
}

/** Notes that the server has rejected the document. */
export async function noteRejectedDocument(
  store: ClientStore,
  issuer: string,
  url: string,
): Promise<void> {
  await note(store, issuer, url, { rejected_at: Date.now() });
}

/** Notes that a login with the document has ended in tokens. */
export async function noteUsedDocument(
  store: ClientStore,
  issuer: string,
  url: string,
): Promise<void> {
  if (!isUsedDocument(await store.registrations(issuer), url)) {
    await note(store, issuer, url, { used: true });
  }
}

async function note(
  store: ClientStore,
  issuer: string,
  url: string,
  about: { used: true } | { rejected_at: number },
): Promise<void> {
  const { notes } = await store.registrations(issuer);
  await store.note(issuer, { [DOCUMENTS]: { ...Object(notes[DOCUMENTS]), [url]: about } });
}

function noteOf(value: Registrations, url: string): { used?: unknown; rejected_at?: unknown } {
  return Object(Object(value.notes[DOCUMENTS])[url]);
}
