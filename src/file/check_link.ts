import { ClientStoreError } from "../core/client_store_error.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Guarded } from "./fence.ts";

/**
 * Refuses to let root change what another user's link leads to, unless that is the same user's: whose
 * the link is could turn root on any file of the system.
 *
 * @param made A file that we have just made: if it is root's, we are root.
 * @throws {ClientStoreError} With code `EPERM`.
 */
export function checkLink(
  { fs, join }: Pick<Runtime, "fs" | "join">,
  link: string,
  { file, directory }: Guarded,
  made: string,
): void {
  const userOf = (path: string) => fs.stat(path)?.uid;
  if (userOf(made) !== 0) return;
  const user = userOf(join(link, ".."));
  if (!user || user === (userOf(file) ?? userOf(directory))) return;
  throw new ClientStoreError(
    `: cannot change "${link}" (EPERM): it is a user's link to "${file}", which is not that user's; ` +
      "move it away",
    { code: "EPERM", path: link },
  );
}
