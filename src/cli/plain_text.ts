/** What may command a terminal, or show something else than is there. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Shows what is no letter by its code, so that no text of a server or a file commands the terminal. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

/** A value as JSON in which no text of a server or a file commands the terminal. */
export function jsonText(value: unknown, indent = 2): string {
  const unitsOf = (one: string) =>
    Array.from(
      { length: one.length },
      (_, n) => `\\u${one.charCodeAt(n).toString(16).padStart(4, "0")}`,
    ).join("");
  return JSON.stringify(value, null, indent).replace(
    UNPRINTABLE,
    (one) => one === "\n" ? one : unitsOf(one),
  );
}

const segmenter = new Intl.Segmenter();

/** How many columns a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += columnsOf(segment);
  return width;
}

/** The text in so many columns: cut with an ellipsis, or filled with spaces. */
export function fitted(text: string, columns: number): string {
  const width = widthOf(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  let kept = "";
  let taken = 0;
  for (const { segment } of segmenter.segment(text)) {
    const next = taken + columnsOf(segment);
    if (next > columns - 1) break;
    kept += segment;
    taken = next;
  }
  return `${kept}…${" ".repeat(columns - taken - 1)}`;
}

/** Wide are the scripts of East Asia and emoji (Unicode Standard Annex 11); marks add nothing. */
function columnsOf(segment: string): number {
  if (/^\p{Mark}+$/u.test(segment)) return 0;
  const isWide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u
      .test(segment);
  return isWide ? 2 : 1;
}
