import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";

// One file for each server, named by a hash, read with a schema and written in place.
const schema = z.object({
  client_id: z.string(),
  client_secret: z.string().optional(),
  client_id_issued_at: z.number().optional(),
  client_secret_expires_at: z.number().optional(),
});

export function open(directory) {
  const path = (issuer) => {
    const hash = createHash("md5").update(issuer).digest("hex");
    return `${directory}/${hash}_client_info.json`;
  };
  return {
    lookup: async (issuer) =>
      await schema.parseAsync(JSON.parse(await readFile(path(issuer), "utf8"))),
    store: async (issuer, client) =>
      await writeFile(path(issuer), JSON.stringify(client, null, 2), {
        mode: 0o600,
      }),
  };
}
