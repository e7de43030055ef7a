import { entryOf } from "./registry.ts";
import { isObject } from "../core/json.ts";
import type { Member } from "./registry_text.ts";
import { decodeAny } from "./text_encoding.ts";

/** Deeper than any entry nests; it bounds the work on hostile text. */
const MAX_DEPTH = 16;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const SPACE = new Set(" \t\r\n");
/** What stands between strings and brackets: of numbers, `true`, `false` and `null`. */
const OTHER_LETTERS = new Set(" \t\r\n,:+-.0123456789eEtrufalsn");
/**
 * Finds in damaged text every member whose value is a whole JSON object.
 *
 * Each quotation mark may open a key, so that one lost quote or brace costs its own entry and no
 * other. Of members with one key the last counts, as in JSON. Text with a replacement character has
 * lost bytes, so it is left to the copy kept aside. Time and space are in proportion to the text.
 *
 * @param data The text, or its bytes: UTF-8, or UTF-16 as some shells and editors write it.
 */
export function salvage(data: string | Uint8Array): Member[] {
  const text = typeof data === "string" ? data : decodeAny(data);
  const found: Member[] = [];
  let at = text.indexOf('"');
  while (at >= 0) {
    const member = isEscaped(text, at) ? undefined : memberAt(text, at);
    if (member) found.push(...hoisted(member.key, member.value, member.source));
    at = text.indexOf('"', member ? at + member.source.length : at + 1);
  }
  const whole = found.filter(({ source }) => !source.includes("\uFFFD"));
  return [...new Map(whole.map((member) => [member.key, member])).values()];
}

function memberAt(text: string, at: number): Member & { value: object } | undefined {
  const keyEnd = endOfString(text, at);
  if (keyEnd < 0) return undefined;
  const colon = skipSpace(text, keyEnd);
  const start = text[colon] === ":" ? skipSpace(text, colon + 1) : -1;
  const end = text[start] === "{" ? endOfObject(text, start) : -1;
  if (end < 0) return undefined;
  try {
    const value = JSON.parse(text.slice(start, end));
    return { key: JSON.parse(text.slice(at, keyEnd)), value, source: text.slice(at, end) };
  } catch {
    return undefined; // not JSON after all
  }
}

/** The end of the string that begins at `at`; -1 where it has none, or is no string of JSON. */
function endOfString(text: string, at: number): number {
  while (++at < text.length) {
    const letter = text.charCodeAt(at);
    if (letter === QUOTE) return at + 1;
    if (letter < 0x20) return -1;
    if (letter === BACKSLASH) at++;
  }
  return -1;
}

/** The end of the object that begins at `start`; -1 where it has none, or is nested too deeply. */
export function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    const letter = text[at] as string;
    if (letter === '"') {
      at = endOfString(text, at);
      if (at < 0) return -1;
      continue;
    }
    at++;
    if (letter === "{" || letter === "[") {
      if (++depth > MAX_DEPTH) return -1;
    } else if (letter === "}" || letter === "]") {
      if (--depth === 0) return at;
    } else if (!OTHER_LETTERS.has(letter)) return -1;
  }
  return -1;
}

function skipSpace(text: string, at: number): number {
  while (SPACE.has(text[at] ?? "")) at++;
  return at;
}

/** A lost brace makes the next entry a member of this one: such entries are taken out again. */
function hoisted(key: string, value: object, source: string): Member[] {
  const isEntry = ([name, nested]: [string, unknown]) =>
    /^https?:\/\//.test(name) && entryOf(nested) !== undefined;
  const inner = Object.entries(value).filter(isEntry);
  if (inner.length === 0) return [{ key, source }];
  const rest = Object.fromEntries(Object.entries(value).filter((member) => !isEntry(member)));
  return [
    { key, source: `${JSON.stringify(key)}: ${JSON.stringify(rest)}` },
    ...inner.flatMap(([name, nested]) =>
      isObject(nested)
        ? hoisted(name, nested, `${JSON.stringify(name)}: ${JSON.stringify(nested)}`)
        : []
    ),
  ];
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first--;
  return (at - first) % 2 === 1;
}
