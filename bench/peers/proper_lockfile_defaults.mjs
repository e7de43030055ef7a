import { readFile } from "node:fs/promises";
import { lock } from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";

export function open(directory) {
  const path = `${directory}/registered.json`;
  const read = async () => JSON.parse(await readFile(path, "utf8"));
  return {
    lookup: async (issuer) => (await read())[issuer],
    async store(issuer, client) {
      const release = await lock(path);
      try {
        const clients = { ...await read(), [issuer]: client };
        await writeFileAtomic(path, JSON.stringify(clients, null, 2), {
          mode: 0o600,
        });
      } finally {
        await release();
      }
    },
  };
}
