import type { ClientInformation } from "./client_information.ts";

/** What a client must be registered for. A member that the server did not tell of always fits. */
export interface Fit {
  /** Redirect URIs that the registration must cover. */
  redirectUris?: readonly string[];
  /**
   * Whether an `http` redirect URI on a loopback IP address covers every port
   * ({@link https://www.rfc-editor.org/rfc/rfc8252#section-7.3 | RFC 8252, section 7.3}); `true`
   * unless given.
   */
  anyLoopbackPort?: boolean;
  /**
   * Scope values, separated by spaces, that the registration must cover, or has asked for in vain
   * (`requested_scope`, which `./mcp` keeps).
   */
  scope?: string;
  /** Says of a client whether it will do, after the other conditions. */
  accept?: (client: ClientInformation) => boolean;
}

/** Checks what a caller asks for: a wrong type would fit every client, or none. */
export function checkFit({ redirectUris, scope, accept }: Fit): void {
  const fail = (what: string): never => {
    throw new TypeError(`Cannot register client: ${what}`);
  };
  const isList = Array.isArray(redirectUris) &&
    redirectUris.every((uri) => typeof uri === "string");
  if (redirectUris !== undefined && !isList) fail("redirectUris must be an array of strings");
  if (scope !== undefined && typeof scope !== "string") fail("scope must be a string");
  if (accept !== undefined && typeof accept !== "function") fail("accept must be a function");
}

/** Tells whether the client will do. */
export function fits(client: ClientInformation, fit: Fit): boolean {
  const { redirectUris = [], scope = "", accept, anyLoopbackPort = true } = fit;
  const registered = Array.isArray(client.redirect_uris) ? client.redirect_uris : redirectUris;
  const covered = redirectUris.every((asked) =>
    registered.some((uri) => uri === asked || anyLoopbackPort && isSameLoopback(uri, asked))
  );
  const granted = values(typeof client.scope === "string" ? client.scope : scope);
  // Asked for once, what the server did not grant is not worth another registration.
  if (typeof client.requested_scope === "string") granted.push(...values(client.requested_scope));
  const granting = values(scope).every((value) => granted.includes(value));
  return covered && granting && (!accept || accept(structuredClone(client)));
}

function values(scope: string): string[] {
  return scope.split(" ").filter((value) => value !== "");
}

function isSameLoopback(registered: string, asked: string): boolean {
  const pattern = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?#]|$)/;
  const [from, to] = [pattern.exec(registered), pattern.exec(asked)];
  return from !== null && to !== null && from[1] === to[1] &&
    (registered.slice(from[0].length) || "/") === (asked.slice(to[0].length) || "/");
}
