import { test } from "node:test";
import { type ClientStoreOptions, type FileStore, openClientStore } from "@oauth2/client-store";
import { type Capability, type Place, places } from "./places.ts";

/** What a behaviour is tried with. */
export interface Trial {
  place: Place;
  /** Opens a store in the place, as a fresh process would. */
  open(options?: ClientStoreOptions): FileStore;
  /** What the store has warned of. */
  warnings: string[];
}

/**
 * States a behaviour, and tries it in every kind of place; where it lacks what the behaviour needs,
 * the test is skipped by name.
 */
export function behaves(
  name: string,
  trial: (trial: Trial) => Promise<void> | void,
  { needs = [] }: { needs?: readonly Capability[] } = {},
): void {
  for (const kind of places) {
    const missing = needs.filter((capability) => !kind.has.has(capability));
    const skip = missing.length > 0;
    const label = skip ? `${kind.name}, which has no ${missing.join(" and no ")}` : kind.name;
    test(`${name} (${label})`, { skip }, async () => {
      const place = kind.create();
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
