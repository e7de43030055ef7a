/** Tells whether two redirect URIs are one: as URLs are compared, else as they stand. */
export function isSameRedirectUri(a: string, b: string): boolean {
  return a === b || URL.canParse(a) && URL.canParse(b) && new URL(a).href === new URL(b).href;
}

/**
 * Tells whether two `http` redirect URIs on one loopback IP address differ in their port at most
 * ({@link https://www.rfc-editor.org/rfc/rfc8252#section-7.3 | RFC 8252, section 7.3}).
 */
export function isSameLoopback(a: string, b: string): boolean {
  const [first, second] = [withoutPort(a), withoutPort(b)];
  return first !== undefined && first === second;
}

function withoutPort(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (url.protocol !== "http:" || !/^(127\.0\.0\.1|\[::1\])$/.test(url.hostname)) return undefined;
  url.port = "";
  return url.href;
}
