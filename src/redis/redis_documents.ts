import type { DocumentKey, Documents, VersionedDocument } from "../documents/documents.ts";
import { RedisCommands, type RedisSend } from "./redis_commands.ts";
import { LEASE, RELEASE, WRITE } from "./scripts.ts";

const PAGE = 1000;

/** Documents in Redis: a hash for each tenant, and a key for each lease, all in one slot. */
export class RedisDocuments implements Documents {
  readonly #commands: RedisCommands;
  readonly #prefix: string;

  constructor(
    send: RedisSend,
    { prefix, deadline, warn }: {
      prefix: string;
      deadline: number;
      warn: (message: string) => void;
    },
  ) {
    this.#commands = new RedisCommands(send, deadline, warn);
    this.#prefix = prefix;
  }

  async read({ tenant, issuer }: DocumentKey): Promise<VersionedDocument | undefined> {
    const key = this.#hashOf(tenant);
    const value = await this.#commands.send(["HGET", key, issuer], key);
    // Drivers give what is not there as one of two.
    return value === null || value === undefined ? undefined : split(String(value));
  }

  async write(
    { tenant, issuer }: DocumentKey,
    text: string,
    ifVersion: string | undefined,
  ): Promise<string | undefined> {
    const key = this.#hashOf(tenant);
    // Random, so that none comes twice, whatever became of the server's data.
    const version = crypto.randomUUID();
    const args = ["EVAL", WRITE, "1", key, issuer, ifVersion ?? "", `${version}:${text}`];
    const [isWritten] = await Promise.all([
      this.#commands.send(args, key),
      this.#commands.checkOnce(key),
    ]);
    return Number(isWritten) === 1 ? version : undefined;
  }

  async *pages(tenant: string): AsyncIterable<readonly (DocumentKey & VersionedDocument)[]> {
    const key = this.#hashOf(tenant);
    const seen = new Set<string>(); // a scan may find a field more than once
    let cursor = "0";
    do {
      const args = ["HSCAN", key, cursor, "COUNT", String(PAGE)];
      const [next, found] = await this.#commands.send(args, key) as [unknown, unknown[]];
      const page: (DocumentKey & VersionedDocument)[] = [];
      for (let at = 0; at + 1 < found.length; at += 2) {
        const issuer = String(found[at]);
        if (!seen.has(issuer)) page.push({ tenant, issuer, ...split(String(found[at + 1])) });
        seen.add(issuer);
      }
      if (page.length > 0) yield page;
      cursor = String(next);
    } while (cursor !== "0");
  }

  async lease(key: DocumentKey, holder: string, milliseconds: number): Promise<boolean> {
    const name = this.#leaseOf(key);
    const args = ["EVAL", LEASE, "1", name, holder, String(milliseconds)];
    return Number(await this.#commands.send(args, name)) === 1;
  }

  async release(key: DocumentKey, holder: string): Promise<void> {
    const name = this.#leaseOf(key);
    await this.#commands.send(["EVAL", RELEASE, "1", name, holder], name);
  }

  #hashOf(tenant: string): string {
    return `${this.#of(tenant)}:documents`;
  }

  #leaseOf({ tenant, issuer }: DocumentKey): string {
    return `${this.#of(tenant)}:lease:${issuer}`;
  }

  /** What all keys of a tenant begin with. Encoded, a tenant can neither leave it nor be a pattern. */
  #of(tenant: string): string {
    return `${this.#prefix}:{${encodeURIComponent(tenant).replaceAll("*", "%2A")}}`;
  }
}

function split(value: string): VersionedDocument {
  const at = value.indexOf(":");
  return { version: value.slice(0, at), text: value.slice(at + 1) };
}
