import type { ClientStore } from "../core/client_store.ts";
import type { Registrations } from "../core/registrations.ts";
import { documentState } from "../registration/document_notes.ts";

/** The note of an issuer: the documents that tokens were issued to. */
const USED = "client_id_metadata_documents_used";

/** Tells whether the server has rejected this document not long ago, whatever it says of others. */
export function isRejectedDocument({ notes }: Registrations, url: string): boolean {
  const { client_id_metadata_document_supported: _, ...rest } = notes;
  return documentState(rest, url, Date.now()) === "refused";
}

/** Tells whether a login with this document has ended in tokens: they are bound to it. */
export function isUsedDocument({ notes }: Registrations, url: string): boolean {
  return usedIn(notes).includes(url);
}

/** Notes that a login with the document has ended in tokens. */
export async function noteUsedDocument(
  store: ClientStore,
  issuer: string,
  url: string,
): Promise<void> {
  const { notes } = await store.registrations(issuer);
  const used = usedIn(notes);
  if (!used.includes(url)) await store.note(issuer, { [USED]: [...used, url] });
}

function usedIn(notes: Registrations["notes"]): string[] {
  const used = notes[USED];
  return Array.isArray(used) ? used.filter((url) => typeof url === "string") : [];
}
