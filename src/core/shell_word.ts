/** A path or an argument as a shell takes it, whatever is in it: to be copied from a message. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  // A path of Windows, whose shells know no other quotes; what another one would expand is in none.
  if (/^([A-Za-z]:|\\)\\[^$`"!]*$/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
