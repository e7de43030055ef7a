import type { DocumentKey, Documents, VersionedDocument } from "../documents/documents.ts";

const PAGE = 1000;

/** Documents in memory: what a database keeps, for tests. */
export class MemoryDocuments implements Documents {
  readonly #documents: Map<string, DocumentKey & VersionedDocument> = new Map();
  readonly #leases: Map<string, { holder: string; until: number }> = new Map();
  #version = 0;

  read(key: DocumentKey): Promise<VersionedDocument | undefined> {
    return Promise.resolve(this.#documents.get(nameOf(key)));
  }

  write(
    { tenant, issuer }: DocumentKey,
    text: string,
    ifVersion: string | undefined,
  ): Promise<string | undefined> {
    const name = nameOf({ tenant, issuer });
    if (this.#documents.get(name)?.version !== ifVersion) return Promise.resolve(undefined);
    const version = String(++this.#version);
    this.#documents.set(name, { tenant, issuer, text, version });
    return Promise.resolve(version);
  }

  async *pages(tenant: string): AsyncIterable<readonly (DocumentKey & VersionedDocument)[]> {
    const all = [...this.#documents.values()].filter((document) => document.tenant === tenant);
    for (let at = 0; at < all.length; at += PAGE) yield all.slice(at, at + PAGE);
    await Promise.resolve();
  }

  lease(key: DocumentKey, holder: string, milliseconds: number): Promise<boolean> {
    const name = nameOf(key);
    const lease = this.#leases.get(name);
    const isFree = !lease || lease.holder === holder || lease.until < performance.now();
    if (isFree) this.#leases.set(name, { holder, until: performance.now() + milliseconds });
    return Promise.resolve(isFree);
  }

  release(key: DocumentKey, holder: string): Promise<void> {
    const name = nameOf(key);
    if (this.#leases.get(name)?.holder === holder) this.#leases.delete(name);
    return Promise.resolve();
  }

  /** Every text that is kept, as whoever reads a dump sees it. */
  texts(): string[] {
    return Array.from(this.#documents.values(), ({ text }) => text);
  }
}

function nameOf({ tenant, issuer }: DocumentKey): string {
  return JSON.stringify([tenant, issuer]);
}
