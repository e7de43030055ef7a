import type { Context } from "./context.ts";
import { CommandError } from "./exit_code.ts";

/** What reads as "not registered" without being so. */
const UNREADABLE = ["unreadable", "not a file", "damaged", "broken link"];

/**
 * Where nothing is found: makes sure that it is because nothing is there.
 *
 * @throws {CommandError} If the files cannot be read.
 */
export async function checkReadable({ open }: Context): Promise<void> {
  const findings = await open().examine({ hasTime: false });
  const fault = findings.find(({ code }) => UNREADABLE.includes(code));
  if (fault) {
    throw new CommandError(
      `client-store: "${fault.path}" ${fault.what}: see "client-store doctor"`,
    );
  }
}
