import { readFile } from "node:fs/promises";
import { lock } from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";

// Without retries most calls fail under contention; these poll as often as ours does. A large number
// of retries instead of "forever" would cost each call a millisecond for the list of their times.
const retries = {
  forever: true,
  retries: 50,
  minTimeout: 1,
  maxTimeout: 20,
  randomize: true,
};

/** `flush` is called while the lock is held, once the file has its name. */
export function open(directory, options = { retries }, flush = () => {}) {
  const path = `${directory}/registered.json`;
  const read = async () => JSON.parse(await readFile(path, "utf8"));
  return {
    lookup: async (issuer) => (await read())[issuer],
    async store(issuer, client) {
      const release = await lock(path, options);
      try {
        const clients = { ...await read(), [issuer]: client };
        await writeFileAtomic(path, JSON.stringify(clients, null, 2), {
          mode: 0o600,
        });
        await flush();
      } finally {
        await release();
      }
    },
  };
}
