import type { ClientStore } from "../core/client_store.ts";
import { isAlive, type Registration, type Registrations } from "../core/registrations.ts";

// A refresh token is worth nothing to another client than the one that it was issued to, and an issuer
// may have several. Who keeps tokens alone does not know which: so the store does, by their hashes.

/** The note of a registration: the refresh tokens that were issued to it last, as hashes. */
const TOKENS = "refresh_tokens";
/** As many programs and accounts may share a client. */
const MAX_TOKENS = 8;

/** The registration that this refresh token was issued to, if that is known. */
export async function boundRegistration(
  { all }: Registrations,
  refreshToken: string,
): Promise<Registration | undefined> {
  const alive = all.filter(isAlive);
  if (!alive.some(({ notes }) => notes?.[TOKENS] !== undefined)) return undefined;
  const hash = await hashOf(refreshToken);
  return alive.findLast((one) => hashesOf(one).includes(hash));
}

/**
 * Notes that a refresh token was issued: at every login, and where it takes the place of another one
 * and there are clients to tell apart.
 */
export async function noteRefreshToken(
  store: ClientStore,
  issuer: string,
  client_id: string,
  issued: { refreshToken: string; isLogin: boolean },
): Promise<void> {
  const alive = (await store.registrations(issuer)).all.filter(isAlive);
  const registration = alive.findLast(({ client }) => client.client_id === client_id);
  if (registration?.source !== "dcr" || !issued.isLogin && alive.length < 2) return;
  const hash = await hashOf(issued.refreshToken);
  const known = hashesOf(registration);
  if (known.includes(hash)) return;
  const hashes = [...known, hash].slice(-MAX_TOKENS);
  await store.amend(issuer, { client_id }, { notes: { [TOKENS]: hashes } });
}

function hashesOf({ notes }: Registration): string[] {
  const hashes = notes?.[TOKENS];
  return Array.isArray(hashes) ? hashes.filter((hash) => typeof hash === "string") : [];
}

/** What tells a token from others, and is of no use to anybody who reads it. */
async function hashOf(refreshToken: string): Promise<string> {
  const bytes = new TextEncoder().encode(refreshToken);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 12);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
