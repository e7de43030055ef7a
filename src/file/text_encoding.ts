/** The text of these bytes, with its byte order mark; `undefined` when they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The text of these bytes, whatever they are: UTF-16, as some shells and editors write it, is told by
 * its byte order mark or by the zeros of its first two letters. Lost bytes become U+FFFD.
 */
export function decodeAny(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  const isLittle = a === 0xff && b === 0xfe || Boolean(a && c) && b === 0 && d === 0;
  const isBig = a === 0xfe && b === 0xff || a === 0 && c === 0 && Boolean(b && d);
  const ordered = isBig ? withBytesSwapped(bytes) : bytes;
  return new TextDecoder(isLittle || isBig ? "utf-16le" : "utf-8").decode(ordered);
}

/** Not every build of Node decodes UTF-16 with the larger byte first. */
function withBytesSwapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, at) => bytes[at ^ 1] ?? 0);
}
