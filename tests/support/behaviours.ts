import { test } from "node:test";
import { type ClientStoreOptions, type FileStore, openClientStore } from "@oauth2/client-store";
import { type Place, places } from "./places.ts";

/** What a behaviour is tried with. */
export interface Trial {
  place: Place;
  /** Opens a store in the place, as a fresh process would. */
  open(options?: ClientStoreOptions): FileStore;
  /** What the store has warned of. */
  warnings: string[];
}

/** States a behaviour, and tries it on real files and in memory. */
export function behaves(name: string, trial: (trial: Trial) => Promise<void> | void): void {
  for (const createPlace of places) {
    test(`${name} (${createPlace === places[0] ? "real files" : "memory"})`, async () => {
      const place = createPlace();
      const warnings: string[] = [];
      const warn = (message: string) => {
        warnings.push(message);
      };
      const open = (options: ClientStoreOptions = {}) =>
        openClientStore({ runtime: place.runtime, warn, ...options });
      try {
        await trial({ place, open, warnings });
      } finally {
        place.end();
      }
    });
  }
}
