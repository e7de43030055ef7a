/** A path or an argument as a shell takes it, whatever is in it: to be copied from a message. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  // Windows: its paths hold none of what its shells read in double quotes.
  if (/^([A-Za-z]:)?\\/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
