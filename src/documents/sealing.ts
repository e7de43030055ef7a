import { ClientStoreError } from "../core/client_store_error.ts";
import { isObject } from "../core/json.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import type { DocumentKey, Sealing } from "./documents.ts";

const ALGORITHM = "AES-GCM";
const KEY_BYTES = 32;
const IV_BYTES = 12;

/** A key that documents are sealed with, and the name that it goes by in them. */
export interface EncryptionKey {
  /** Names the key in every document that is sealed with it. */
  readonly id: string;
  /** The key, 32 random bytes, from where secrets are kept: never from beside the data. */
  readonly key: Uint8Array;
}

/** How documents are sealed. */
export interface Encryption {
  /** The key that is sealed with, then the older ones that are still unsealed with. */
  readonly keys: readonly EncryptionKey[];
}

/** Seals with AES-256-GCM, each document for its tenant and issuer alone. */
export class KeySealing implements Sealing {
  readonly #keys: Map<string, Promise<CryptoKey>> = new Map();
  readonly #current: string;

  /** @throws {TypeError} If there is no key, or one that is none. */
  constructor(encryption: Encryption) {
    const keys = encryption?.keys;
    if (!Array.isArray(keys) || keys.length === 0) throw wrong("keys must be a list of keys");
    for (const one of keys as readonly EncryptionKey[]) {
      if (!isObject(one)) throw wrong("each of keys must be an object with id and key");
      const { id, key } = one;
      if (typeof id !== "string" || id === "") {
        throw wrong("id of a key must be a non-empty string");
      }
      if (this.#keys.has(id)) throw wrong(`two keys have the id ${JSON.stringify(id)}`);
      if (!(isBytes(key) && key.length === KEY_BYTES)) {
        throw wrong(`key ${JSON.stringify(id)} must be a Uint8Array of ${KEY_BYTES} bytes`);
      }
      const imported = crypto.subtle.importKey("raw", Uint8Array.from(key), ALGORITHM, false, [
        "encrypt",
        "decrypt",
      ]);
      this.#keys.set(id, imported);
    }
    this.#current = keys[0].id;
  }

  async seal(place: DocumentKey, text: string): Promise<string> {
    const kid = this.#current;
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const key = await this.#keys.get(kid)!;
    const plain = new TextEncoder().encode(text);
    const sealed = await crypto.subtle.encrypt(parameters(iv, place), key, plain);
    return JSON.stringify({ v: 1, kid, iv: toBase64(iv), ct: toBase64(new Uint8Array(sealed)) });
  }

  async unseal(place: DocumentKey, text: string): Promise<string> {
    const envelope = parse(text);
    if (envelope === undefined) {
      throw unreadable(
        "EBADMSG",
        "is not sealed, or damaged",
        "seal it, or restore it from a backup",
      );
    }
    const key = await this.#keys.get(envelope.kid);
    if (!key) {
      const what = `is sealed with key ${
        JSON.stringify(envelope.kid.slice(0, 100))
      }, which is not known`;
      throw unreadable("ENOKEY", what, "give that key in encryption.keys");
    }
    try {
      const { iv, ct } = envelope;
      const plain = await crypto.subtle.decrypt(parameters(iv, place), key, ct);
      return new TextDecoder().decode(plain);
    } catch {
      // What WebCrypto throws says nothing; which of the three it is, nobody can tell.
      const id = JSON.stringify(envelope.kid.slice(0, 100));
      const what = `cannot be unsealed with key ${id}`;
      const advice =
        "it is damaged, was moved from another tenant or issuer, or the key is another one";
      throw unreadable("EBADMSG", what, advice);
    }
  }
}

/** Leaves documents readable by whoever reads the database. */
export const NO_SEALING: Sealing = {
  seal: (_, text) => Promise.resolve(text),
  unseal(_, text) {
    const envelope = parse(text);
    if (!envelope) return Promise.resolve(text);
    const id = JSON.stringify(envelope.kid.slice(0, 100));
    return Promise.reject(
      unreadable("ENOKEY", `is sealed with key ${id}`, "give that key in encryption.keys"),
    );
  },
};

/** How a store seals; one of the two options must be given, so that nobody goes without by mistake. */
export function sealingOf(
  options: { encryption?: Encryption; dangerouslyStorePlaintext?: boolean },
): Sealing {
  const { encryption, dangerouslyStorePlaintext: isPlain = false } = options;
  if (typeof isPlain !== "boolean") throw wrong("dangerouslyStorePlaintext must be a boolean");
  if ((encryption !== undefined) === isPlain) {
    throw wrong("either encryption or dangerouslyStorePlaintext: true must be given");
  }
  return isPlain ? NO_SEALING : new KeySealing(encryption!);
}

/** Told by its tag: test runners give a program several classes of one name. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function parameters(iv: Uint8Array<ArrayBuffer>, { tenant, issuer }: DocumentKey) {
  // Encoded, a tenant cannot hold what separates it from the issuer.
  const place = `ocs1|${encodeURIComponent(tenant)}|${issuer}`;
  return { name: ALGORITHM, iv, additionalData: new TextEncoder().encode(place) };
}

function parse(text: string) {
  try {
    const envelope = JSON.parse(text);
    if (!isObject(envelope) || envelope.v !== 1 || typeof envelope.kid !== "string") return;
    const [iv, ct] = [fromBase64(envelope.iv), fromBase64(envelope.ct)];
    return iv && ct && { kid: envelope.kid, iv, ct };
  } catch {
    return undefined; // the parser's message quotes its input, so it is never passed on
  }
}

function wrong(what: string): TypeError {
  return new TypeError(`Cannot open client store: ${what}`);
}

function unreadable(code: string, what: string, advice: string): ClientStoreError {
  return new ClientStoreError(`the document of the issuer ${what}: ${advice}`, { code, path: "" });
}
