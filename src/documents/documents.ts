/** What a document is found by. */
export interface DocumentKey {
  /** The tenant whose registrations it holds. */
  readonly tenant: string;
  /** The issuer, without a trailing slash. */
  readonly issuer: string;
}

/** A document as it is kept, and what it is compared by. */
export interface VersionedDocument {
  /** The text, sealed where the store seals. */
  readonly text: string;
  /** Differs from that of every other state of the document. */
  readonly version: string;
}

/**
 * A database as the store sees it: one versioned document for each tenant and issuer, changed by
 * compare-and-set, and leases by the database's own clock. Each operation is one statement.
 *
 * Every failure is thrown as an `Error` with a `code`, and none holds what a document says.
 */
export interface Documents {
  /** Reads a document; `undefined` when there is none. */
  read(key: DocumentKey): Promise<VersionedDocument | undefined>;
  /**
   * Writes a document if it still is of this version (`undefined`: if there is none).
   *
   * @returns The new version; `undefined` where somebody was faster, and nothing was written.
   */
  write(
    key: DocumentKey,
    text: string,
    ifVersion: string | undefined,
  ): Promise<string | undefined>;
  /** The documents of a tenant, a page at a time. */
  pages(tenant: string): AsyncIterable<readonly (DocumentKey & VersionedDocument)[]>;
  /**
   * Takes the lease of a key, or renews it for its holder, for so many milliseconds.
   *
   * @returns Whether it is the holder's now.
   */
  lease(key: DocumentKey, holder: string, milliseconds: number): Promise<boolean>;
  /** Gives a lease back, if it is the holder's. */
  release(key: DocumentKey, holder: string): Promise<void>;
}

/** Makes the text of a document unreadable in a dump, and bound to its place. */
export interface Sealing {
  /** The sealed text. */
  seal(key: DocumentKey, text: string): Promise<string>;
  /** What was sealed; throws where it was not sealed for this key, or by no key that is known. */
  unseal(key: DocumentKey, text: string): Promise<string>;
}
