/** What 16 processes use in a database: ourselves, and what is used instead. */
const ISSUER = "https://auth.example";

export const open = {
  async "@oauth2/client-store, PostgreSQL"(url) {
    const { default: pg } = await import("pg");
    const { migratePostgres, openPostgresClientStore } = await import("../../src/postgres/mod.ts");
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    const query = (text, values) => pool.query(text, values);
    await migratePostgres({ query, deadline: DEADLINE });
    return overClientStore(openPostgresClientStore({ query, ...OPTIONS }));
  },
  async "@oauth2/client-store, Redis"(url) {
    const { createClient } = await import("redis");
    const { openRedisClientStore } = await import("../../src/redis/mod.ts");
    const client = await createClient({ url }).connect();
    const send = (args) => client.sendCommand(args);
    return overClientStore(openRedisClientStore({ send, ...OPTIONS }));
  },
  async "Keyv + @keyv/postgres"(url) {
    const { default: Keyv } = await import("keyv");
    const { default: KeyvPostgres } = await import("@keyv/postgres");
    return overGetAndSet(new Keyv({ store: new KeyvPostgres({ uri: url }) }));
  },
  async "Keyv + @keyv/redis"(url) {
    const { default: Keyv } = await import("keyv");
    const { default: KeyvRedis } = await import("@keyv/redis");
    return overGetAndSet(new Keyv({ store: new KeyvRedis(url) }));
  },
  async "unstorage + db0, PostgreSQL"(url) {
    const { createDatabase } = await import("db0");
    const { default: postgresql } = await import("db0/connectors/postgresql");
    const { default: db0 } = await import("unstorage/drivers/db0");
    return await overUnstorage(db0({ database: createDatabase(postgresql({ url })) }));
  },
  async "unstorage + redis"(url) {
    const { default: redis } = await import("unstorage/drivers/redis");
    return await overUnstorage(redis({ url }));
  },
};

/** How long two cores with 16 processes may take to answer: what is slow then is not the server. */
const DEADLINE = 20_000;
const OPTIONS = {
  deadline: DEADLINE,
  encryption: { keys: [{ id: "bench", key: new Uint8Array(32).fill(7) }] },
};

/** What a program asks of us. */
function overClientStore(store) {
  return {
    note: (name, value) => store.note(ISSUER, { [name]: value }),
    getOrRegister: (register) => store.getOrRegister(ISSUER, register),
    count: async () => Object.keys((await store.registrations(ISSUER)).notes).length,
  };
}

async function overUnstorage(driver) {
  const { createStorage } = await import("unstorage");
  const storage = createStorage({ driver });
  return overGetAndSet({
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, value),
  });
}

/** What a program does over get and set: it reads, changes and writes, as their documentation says. */
function overGetAndSet(store) {
  return {
    async note(name, value) {
      const notes = await store.get("notes") ?? {};
      await store.set("notes", { ...notes, [name]: value });
    },
    async getOrRegister(register) {
      if (await store.get("client")) return;
      await store.set("client", await register());
    },
    count: async () => Object.keys(await store.get("notes") ?? {}).length,
  };
}
