import { parseDocument, type ReadDocument } from "./document_text.ts";
import type { DocumentKey, Sealing, VersionedDocument } from "./documents.ts";
import { Recent } from "./recent.ts";

/** A document that was unsealed. */
export interface UnsealedDocument extends VersionedDocument, ReadDocument {}

/** Unseals documents, and remembers the recent ones: it takes longer to unseal one than to read it. */
export class UnsealedDocuments {
  readonly #sealing: Sealing;
  readonly #remembered: Recent<UnsealedDocument> = new Recent();

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

  /** Remembers a document that was read or written. */
  remember(issuer: string, document: UnsealedDocument): void {
    this.#remembered.set(issuer, document);
  }
}
