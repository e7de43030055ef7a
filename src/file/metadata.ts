import type { JsonValue } from "@std/json/types";
import { jsonText } from "../core/depth.ts";
import { isObject, type JsonObject, parseJson } from "../core/json.ts";

/** The version of `registered.metadata.json` that this library reads and writes. */
const VERSION = 1;

/** The content of `registered.metadata.json`. */
export interface Metadata {
  /** Issuer, in the spelling that stands for both, to its record. */
  readonly issuers: JsonObject;
  /** Members of the file that we do not know. */
  readonly rest: JsonObject;
}

/** No metadata. */
export const NO_METADATA: Metadata = { issuers: {}, rest: {} };

/** Reads the text of the file: `"unknown"` for another version, `undefined` when it is damaged. */
export function parseMetadata(text: string): Metadata | "unknown" | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { version, issuers, ...rest } = value;
  if (version !== VERSION) return version === undefined ? undefined : "unknown";
  return isObject(issuers) ? { issuers, rest } : undefined;
}

/** The text of the file: one line for each registration, so that damage costs what it hit. */
export function formatMetadata({ issuers, rest }: Metadata): string {
  const records = Object.entries(issuers).map(([issuer, record]) =>
    `    ${JSON.stringify(issuer)}: ${formatRecord(record)}`
  );
  const known = records.length > 0 ? `{\n${records.join(",\n")}\n  }` : "{}";
  const members = Object.entries(rest).map(([member, value]) =>
    `,\n  ${JSON.stringify(member)}: ${jsonText(value)}`
  );
  return `{\n  "version": ${VERSION},\n  "issuers": ${known}${members.join("")}\n}\n`;
}

function formatRecord(record: JsonValue | undefined): string {
  if (!isObject(record)) return jsonText(record);
  const members = Object.entries(record).map(([member, value]) => {
    if (!Array.isArray(value) || value.length === 0) {
      return `      ${JSON.stringify(member)}: ${jsonText(value)}`;
    }
    const lines = value.map((one) => `        ${jsonText(one)}`);
    return `      ${JSON.stringify(member)}: [\n${lines.join(",\n")}\n      ]`;
  });
  return `{\n${members.join(",\n")}\n    }`;
}
