import { parseDocument, type ReadDocument } from "./document_text.ts";
import type { DocumentKey, Sealing, VersionedDocument } from "./documents.ts";

/** How many documents are remembered: it takes longer to unseal one than to read it. */
const MAX_REMEMBERED = 1000;

/** A document that was unsealed. */
export interface UnsealedDocument extends VersionedDocument, ReadDocument {}

/** Unseals documents, and remembers those that were read or written last. */
export class UnsealedDocuments {
  readonly #sealing: Sealing;
  readonly #remembered: Map<string, UnsealedDocument> = new Map();

  constructor(sealing: Sealing) {
    this.#sealing = sealing;
  }

  /** What the document of an issuer was when it was last read or written. */
  last(issuer: string): UnsealedDocument | undefined {
    return this.#remembered.get(issuer);
  }

  /** Unseals a document that was read. */
  async unseal(
    key: DocumentKey,
    { text, version }: VersionedDocument,
  ): Promise<UnsealedDocument> {
    const known = this.#remembered.get(key.issuer);
    if (known?.version === version && known.text === text) return known;
    return { text, version, ...parseDocument(await this.#sealing.unseal(key, text)) };
  }

  /** Remembers a document instead of the one that has been there longest. */
  remember(issuer: string, document: UnsealedDocument): void {
    this.#remembered.delete(issuer);
    this.#remembered.set(issuer, document);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      break;
    }
  }
}
