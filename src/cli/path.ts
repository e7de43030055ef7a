import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";

/** Prints where the clients are. */
export async function path({ open, options, print }: Context): Promise<number> {
  const { path } = open({ isRead: false });
  await print(options.json ? `${JSON.stringify({ path })}\n` : `${path}\n`);
  return EXIT.done;
}
