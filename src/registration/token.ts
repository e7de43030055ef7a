/** Tells whether a header can hold this token. */
export function isToken(token: string): boolean {
  return /^[!-~]+$/.test(token);
}

/** Refuses a token that no header can hold, before anything is sent. */
export function checkToken(attempt: string, name: string, token: string): void {
  if (isToken(token)) return;
  throw new TypeError(`${attempt}: ${name} must be visible ASCII characters`);
}
