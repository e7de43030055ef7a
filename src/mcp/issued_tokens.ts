import type { ClientStore } from "../core/client_store.ts";
import { noteUsedDocument } from "./documents.ts";
import type { HandedOut } from "./handed_out_clients.ts";
import { noteTokens } from "./loopback_ports.ts";
import { noteRefreshToken } from "./refresh_tokens.ts";

/** Tokens that were issued to a client. */
export interface Issued {
  /** The redirect URI of the login that they are of; `undefined` where they were refreshed. */
  readonly redirectUrl: string | undefined;
  readonly refreshToken: string | undefined;
}

/** Notes what it tells of a client that tokens were issued to it. */
export async function noteIssued(
  store: ClientStore,
  { issuer, client: { client_id }, source }: HandedOut,
  { redirectUrl, refreshToken }: Issued,
): Promise<void> {
  const isLogin = redirectUrl !== undefined;
  try {
    if (source === "cimd" && isLogin) {
      await noteUsedDocument(store, issuer, client_id);
    } else if (source === "dcr") {
      if (isLogin) await noteTokens(store, { issuer, client_id, redirectUrl });
      if (refreshToken !== undefined) {
        await noteRefreshToken(store, issuer, client_id, { refreshToken, isLogin });
      }
    }
  } catch {
    // what cannot be noted is no reason to keep the tokens from the SDK
  }
}
