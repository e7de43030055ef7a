import { command, plainCode } from "../documents/command.ts";

/**
 * Sends one command over the connection of the program and resolves to the reply; `key` is the one that
 * the command is about, for clusters: `client.sendCommand(args)` of node-redis,
 * `redis.call(name, ...rest)` of ioredis, `client.send(name, rest)` of Bun.
 */
export type RedisSend = (args: string[], key: string) => PromiseLike<unknown>;

/** The commands that a store sends, and what is looked at once. */
export class RedisCommands {
  readonly #send: RedisSend;
  readonly #deadline: number;
  readonly #warn: (message: string) => void;
  #checked: Promise<void> | undefined;

  constructor(send: RedisSend, deadline: number, warn: (message: string) => void) {
    this.#send = send;
    this.#deadline = deadline;
    this.#warn = warn;
  }

  async send(args: string[], key: string): Promise<unknown> {
    const options = { deadline: this.#deadline, database: "Redis", codeOf, adviceFor };
    const reply = await command(() => this.#send(args, key), options);
    // A function that returns nothing would read as "not registered".
    if (reply !== undefined) return reply;
    throw new TypeError("Cannot use Redis: send must resolve to the reply");
  }

  /** Warns where the server may lose what is stored. Where it does not tell, nothing fails for it. */
  async checkOnce(key: string): Promise<void> {
    await (this.#checked ??= this.#check(key).catch(() => {}));
  }

  async #check(key: string): Promise<void> {
    const info = String(await this.send(["INFO"], key));
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    // The others drop what has a time to live: leases, which may be lost.
    if (policy?.startsWith("allkeys-")) {
      this.#warn(
        `Redis may drop registrations when its memory is full (maxmemory-policy ${policy}): ` +
          "set it to noeviction, or use another server",
      );
    }
    if (!/^aof_enabled:0/m.test(info)) return;
    const saves = await this.send(["CONFIG", "GET", "save"], key);
    if (savesNothing(saves)) {
      this.#warn(
        "Redis keeps registrations in memory only (no save, no appendonly): " +
          "they are lost when it is restarted",
      );
    }
  }
}

/** The reply is a list or, by newer protocols, a map. */
function savesNothing(reply: unknown): boolean {
  if (Array.isArray(reply)) return reply[1] === "";
  if (reply instanceof Map) return reply.get("save") === "";
  return (reply as { save?: unknown } | null)?.save === "";
}

/** What the server begins its message with, or the code of the driver or the system. */
function codeOf(error: unknown): string | undefined {
  const message = String((error as { message?: unknown } | undefined)?.message);
  const known =
    /\b(OOM|READONLY|MOVED|ASK|CROSSSLOT|TRYAGAIN|NOAUTH|NOPERM|WRONGPASS|MISCONF|LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|NOSCRIPT|NOREPLICAS|WRONGTYPE)\b/
      .exec(message);
  // Within a script, the server says so in a sentence.
  const refused = /user executing the script can't/.test(message) ? "NOPERM" : undefined;
  // node-redis and ioredis say of a connection that was cut only that it is closed.
  const cut = /\bclosed\b/i.test(message) ? "ECONNRESET" : undefined;
  return known?.[1] ?? refused ?? plainCode(error) ?? cut ?? /^(ERR)\b/.exec(message)?.[1];
}

function adviceFor(code: string): string | undefined {
  if (code === "OOM") return "its memory is full: give it more, or remove what is not needed";
  if (code === "MISCONF") return "it cannot write to its disk: free some, or see its log";
  if (code === "READONLY") return "it is a replica: connect to the primary";
  if (/^(MOVED|ASK|CROSSSLOT|TRYAGAIN)$/.test(code)) {
    return "it is a cluster: send over a client for clusters, with the key";
  }
  if (code === "WRONGTYPE") return "somebody else has a key of the tenant: give another prefix";
  if (/^(NOAUTH|WRONGPASS)$/.test(code)) return "it refused the user or the password";
  if (code === "NOPERM") {
    return "the user may not use HGET, HSET, HSCAN, GET, SET, DEL and EVAL on the keys of the tenant";
  }
}
