import { test } from "node:test";
import {
  type ClientStore,
  type ClientStoreOptions,
  type FileStore,
  openClientStore,
} from "@oauth2/client-store";
import type { RemoteStoreOptions } from "@oauth2/client-store/redis";
import { eachDatabase } from "./databases.ts";
import { type Capability, type Place, places } from "./places.ts";

/** What a behaviour of every store is tried with. */
export interface StoreTrial {
  /** Opens a store, as a fresh process would. */
  open(options?: Pick<RemoteStoreOptions, "tenant" | "warn" | "now" | "skew">): ClientStore;
  /** What the store has warned of. */
  warnings: string[];
}

/** What a behaviour of the store on files is tried with. */
export interface Trial extends StoreTrial {
  place: Place;
  /** Opens a store in the place, as a fresh process would. */
  open(options?: ClientStoreOptions): FileStore;
}

/** States a behaviour, and tries it in every kind of place and in every database. */
export function behavesEverywhere(
  name: string,
  trial: (trial: StoreTrial) => Promise<void> | void,
): void {
  behaves(name, trial);
  for (const { name: database, missing, connect } of eachDatabase) {
    test(`${name} (${database})`, { skip: missing ?? false }, async () => {
      const { open, end } = await connect();
      const tenant = crypto.randomUUID();
      const warnings: string[] = [];
      const warn = (message: string) => {
        warnings.push(message);
      };
      const encryption = { keys: [{ id: "test", key: new Uint8Array(32).fill(7) }] };
      try {
        await trial({
          open: (options = {}) =>
            open({ warn, encryption, ...options, tenant: `${tenant} ${options.tenant ?? ""}` }),
          warnings,
        });
      } finally {
        await end();
      }
    });
  }
}

/**
 * States a behaviour of files, and tries it in every kind of place; where it lacks what the behaviour needs,
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
