import { entryOf } from "./registry.ts";
import { isObject } from "../core/json.ts";
import type { Member } from "./registry_text.ts";

/** Deeper than any entry nests; it bounds the work on hostile text. */
const MAX_DEPTH = 16;
// deno-lint-ignore no-control-regex
const KEY = /("(?:[^"\\\x00-\x1f]|\\.)*")\s*:\s*(?=\{)/y;
const TOKEN =
  // deno-lint-ignore no-control-regex
  /\s*(?:"(?:[^"\\\x00-\x1f]|\\.)*"|([{[])|([}\]])|[,:]|true|false|null|-?\d[\d.eE+-]*)/y;

/**
 * Finds in damaged text every member whose value is a whole JSON object.
 *
 * Each quotation mark may open a key, so that one lost quote or brace costs its own entry and no
 * other. Of members with one key the last counts, as in JSON. Text with a replacement character has
 * lost bytes, so it is left to the copy kept aside.
 */
export function salvage(text: string): Member[] {
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
  KEY.lastIndex = at;
  const key = KEY.exec(text)?.[1];
  if (key === undefined) return undefined;
  const start = KEY.lastIndex;
  const end = endOfObject(text, start);
  if (end < 0) return undefined;
  try {
    const value = JSON.parse(text.slice(start, end));
    return { key: JSON.parse(key), value, source: text.slice(at, end) };
  } catch {
    return undefined; // not JSON after all
  }
}

function endOfObject(text: string, start: number): number {
  let depth = 0;
  TOKEN.lastIndex = start;
  for (let token = TOKEN.exec(text); token; token = TOKEN.exec(text)) {
    if (token[1] && ++depth > MAX_DEPTH) return -1;
    if (token[2] && --depth === 0) return TOKEN.lastIndex;
  }
  return -1;
}

/** A lost brace makes the next entry a member of this one: such entries are taken out again. */
function hoisted(key: string, value: object, source: string): Member[] {
  const inner = Object.entries(value).filter(([name, nested]) =>
    /^https?:\/\//.test(name) && entryOf(nested)
  );
  if (inner.length === 0) return [{ key, source }];
  const rest = Object.fromEntries(
    Object.entries(value).filter(([name]) => !inner.some(([taken]) => taken === name)),
  );
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
