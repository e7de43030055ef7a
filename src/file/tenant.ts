import type { Runtime } from "../runtime/runtime.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { explainFailures } from "./explain_failures.ts";
import { folded } from "./paths.ts";

/**
 * Refuses a tenant whose directory is, or on another file system would be, another tenant's: where
 * names keep their case but are compared without it, `Acme` and `acme` are one directory.
 *
 * @throws {ClientStoreError} With code `EEXIST`, if a tenant with nearly this name came first.
 */
export function checkTenant(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  registryFile: string,
  tenant: string,
): void {
  const directory = join(registryFile, "..", "..");
  if (fs.stat(directory)?.kind !== "directory") return; // what else may be there, making it will say
  const names = fs.readDirectory(directory);
  if (names.includes(tenant)) return;
  const other = names.find((name) => folded(name) === folded(tenant));
  if (other === undefined) return;
  throw new ClientStoreError(
    `Cannot open client store of tenant ${JSON.stringify(tenant)}: ${
      JSON.stringify(other)
    } exists, ` +
      "and on some file systems the two are one directory: use a name that differs in more than case",
    { code: "EEXIST", path: join(directory, other) },
  );
}

/** Refuses it before anything is read. */
export function checkTenantToRead(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  registryFile: string,
  tenant: string,
): void {
  checkTenant(
    { fs: explainFailures(fs, "Cannot open client store"), join },
    registryFile,
    tenant,
  );
}
