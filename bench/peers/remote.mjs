/** What is used instead of a client store in a database: read, change, write, as their documentation says. */
export const open = {
  async "Keyv + @keyv/postgres"(url) {
    const { default: Keyv } = await import("keyv");
    const { default: KeyvPostgres } = await import("@keyv/postgres");
    return new Keyv({ store: new KeyvPostgres({ uri: url }) });
  },
  async "Keyv + @keyv/redis"(url) {
    const { default: Keyv } = await import("keyv");
    const { default: KeyvRedis } = await import("@keyv/redis");
    return new Keyv({ store: new KeyvRedis(url) });
  },
  async "unstorage + redis"(url) {
    const { createStorage } = await import("unstorage");
    const { default: redis } = await import("unstorage/drivers/redis");
    const storage = createStorage({ driver: redis({ url }) });
    return {
      get: (key) => storage.getItem(key),
      set: (key, value) => storage.setItem(key, value),
    };
  },
};
