import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";

// As mcp-remote 0.15: one file for each server, named by a hash, read with a schema, replaced at once.
const schema = z.object({
  redirect_uris: z.array(z.string()).optional(),
  token_endpoint_auth_method: z.string().optional(),
  grant_types: z.array(z.string()).optional(),
  response_types: z.array(z.string()).optional(),
  client_name: z.string().optional(),
  scope: z.string().optional(),
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
  const makeDirectory = () => mkdir(directory, { recursive: true, mode: 0o700 });
  return {
    async lookup(issuer) {
      await makeDirectory();
      return await schema.parseAsync(
        JSON.parse(await readFile(path(issuer), "utf8")),
      );
    },
    async store(issuer, client) {
      await makeDirectory();
      const temporary = `${path(issuer)}.${globalThis.process.pid}.${Date.now()}.tmp`;
      await writeFile(temporary, JSON.stringify(client, null, 2), {
        mode: 0o600,
      });
      await rename(temporary, path(issuer));
    },
  };
}
