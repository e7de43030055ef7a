import { onAbort } from "../core/on_abort.ts";
import type { DocumentKey, Documents } from "./documents.ts";

/** How long a lease lasts that is not renewed, in milliseconds. */
const DURATION = 10_000;
const RENEWAL = 3000;

/** Says that somebody registers with an issuer, by the database's clock; a stalled holder loses it. */
export class Lease {
  readonly #documents: Documents;
  readonly #key: DocumentKey;
  readonly #holder: string;

  constructor(documents: Documents, key: DocumentKey, holder: string) {
    this.#documents = documents;
    this.#key = key;
    this.#holder = holder;
  }

  /** Takes it, if it is free. */
  async take(): Promise<boolean> {
    return await this.#documents.lease(this.#key, this.#holder, DURATION);
  }

  /** Renews it until the returned function is called, or the signal is aborted. */
  keep(signal: AbortSignal | undefined): () => void {
    const timer = setInterval(() => {
      // The next one may succeed; without any, somebody else takes over.
      this.take().catch(() => {});
    }, RENEWAL);
    const leave = onAbort(signal, () => {
      clearInterval(timer);
      void this.release(); // whoever has given up must not let others wait
    });
    return () => {
      clearInterval(timer);
      leave();
    };
  }

  /** Gives it back; where that fails, it runs out. */
  async release(): Promise<void> {
    await this.#documents.release(this.#key, this.#holder).catch(() => {});
  }
}
