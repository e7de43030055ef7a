const MAX_LENGTH = 300;

/**
 * What a server has said, fit for a message: what was sent as a secret is left out, control characters
 * and terminal escapes are shown escaped, and it is cut.
 */
export function serverText(text: string, secrets: readonly unknown[] = []): string {
  let told = text.slice(0, 100_000);
  for (const secret of secrets) {
    if (typeof secret !== "string" || secret === "") continue;
    for (const spelling of spellingsOf(secret)) told = told.replaceAll(spelling, "…");
  }
  // What is cut off in the middle of a secret would leave its beginning.
  const escaped = told.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, escape).trim();
  return escaped.length > MAX_LENGTH ? `${escaped.slice(0, MAX_LENGTH)}…` : escaped;
}

/** The spellings in which a secret is sent or comes back. */
function spellingsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

function escape(characters: string): string {
  return Array.from(characters, (one) => {
    if (one === "\n" || one === "\r" || one === "\t") return " ";
    return `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`;
  }).join("");
}
