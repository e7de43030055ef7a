import type { ClientInformation } from "../core/client_information.ts";
import { parseRegistry } from "./registry.ts";

/** One member of the object in `registered.json`, with its text as it stands in the file. */
export interface Member {
  readonly key: string;
  /** Key, colon and value, verbatim: rewriting never changes what others wrote. */
  readonly source: string;
}

/** The members of a `registered.json` with this text. */
export interface ParsedRegistry {
  /** `undefined` where there was no file, or a damaged one. */
  readonly text: string | undefined;
  readonly members: readonly Member[];
}

/** How a file ends whose last member is an object: after it nothing but the end is left. */
const LAST_END = "}\n}\n";

/**
 * The members of a `registered.json` with this text, in order; `undefined` when it is not one JSON
 * object. Others mostly append to it: all that is `known` is then not looked at again.
 */
export function parseMembers(text: string, known: ParsedRegistry): Member[] | undefined {
  const head = known.text?.endsWith(LAST_END) && known.text.slice(0, 1 - LAST_END.length);
  if (!head || !text.startsWith(head)) return parseRegistry(text) && membersOf(text);
  // What may follow the last of these members may follow any other.
  const rest = `{"":0${text.slice(head.length)}`;
  return parseRegistry(rest) && [...known.members, ...membersOf(rest).slice(1)];
}

/** The members of an object whose text {@linkcode parseRegistry} has accepted. */
function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let at = text.indexOf("{") + 1;
  while (true) {
    at = skipSpace(text, at);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    if (text[at] === "}") return members;
    const keyEnd = endOfString(text, at);
    const end = endOfValue(text, skipSpace(text, skipSpace(text, keyEnd) + 1));
    members.push({ key: decodeKey(text.slice(at, keyEnd)), source: text.slice(at, end) });
    at = end;
  }
}

/**
 * The members with these entries, each in its place if it was there, else at the end; without those
 * that are `undefined`.
 */
export function withEntries(
  members: readonly Member[],
  entries: ReadonlyMap<string, ClientInformation | undefined>,
): Member[] {
  const left = new Map(entries);
  const result: Member[] = [];
  for (const member of members) {
    const { key } = member;
    if (!entries.has(key)) result.push(member);
    else if (left.has(key)) {
      result.push(...entryMember(key, left.get(key)));
      left.delete(key); // of duplicates, the first is the one that is written
    }
  }
  return [...result, ...Array.from(left, ([key, entry]) => entryMember(key, entry)).flat()];
}

function entryMember(key: string, entry: ClientInformation | undefined): Member[] {
  if (!entry) return [];
  const secret = entry.client_secret === undefined
    ? ""
    : `, "client_secret": ${JSON.stringify(entry.client_secret)}`;
  const value = `{ "client_id": ${JSON.stringify(entry.client_id)}${secret} }`;
  return [{ key, source: `${JSON.stringify(key)}: ${value}` }];
}

/** The text of `registered.json` with these members. */
export function formatRegistry(members: readonly Member[]): string {
  if (members.length === 0) return "{}\n";
  return `{\n  ${members.map(({ source }) => source).join(",\n  ")}\n}\n`;
}

function decodeKey(source: string): string {
  return source.includes("\\") ? JSON.parse(source) : source.slice(1, -1);
}

function skipSpace(text: string, at: number): number {
  let code = text.charCodeAt(at);
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
    code = text.charCodeAt(++at);
  }
  return at;
}

function endOfString(text: string, at: number): number {
  while (true) {
    const quote = text.indexOf('"', at + 1);
    let first = quote;
    while (text[first - 1] === "\\") first--;
    if ((quote - first) % 2 === 0) return quote + 1;
    at = quote;
  }
}

function endOfValue(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  if (text[at] !== "{" && text[at] !== "[") {
    while (!/[,}\]\s]/.test(text[at] ?? "}")) at++;
    return at;
  }
  let depth = 0;
  while (true) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
      continue;
    }
    at++;
    if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at;
  }
}
