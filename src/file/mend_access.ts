import type { Runtime } from "../runtime/runtime.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { accessFaults, type StorePlace } from "./access_faults.ts";
import { isMendable } from "./examine_access.ts";
import { explainFailures } from "./explain_failures.ts";

/**
 * Gives the files of a store, and the directories that are its own, their right modes, and what root has
 * left there to whom the rest belongs.
 *
 * @returns What this process may not change.
 */
export function mendAccess(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  place: StorePlace,
  attempt: string,
): ClientStoreError[] {
  const failures: ClientStoreError[] = [];
  const explained = explainFailures(fs, attempt);
  const tried = new Set<string>();
  // What a directory keeps us out of is seen once that is mended.
  for (let isNew = true; isNew;) {
    isNew = false;
    for (const fault of accessFaults({ fs, join }, place).filter(isMendable)) {
      const { path, kind, info, owner } = fault;
      if (tried.has(path)) continue;
      tried.add(path);
      isNew = true;
      const mode = fault.mode ?? info.mode ?? (kind === "file" ? 0o600 : 0o700);
      try {
        explained.setAccess(path, mode, owner, info);
      } catch (error) {
        if (!(error instanceof ClientStoreError)) throw error;
        failures.push(error);
      }
    }
  }
  return failures;
}
