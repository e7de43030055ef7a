import { unlessAborted } from "../core/unless_aborted.ts";

/** The most that is read of an answer, in bytes. */
export const MAX_BODY: number = 1_000_000;

/** The beginning of an answer, and whether that is all of it. */
export interface Body {
  readonly text: string;
  readonly isWhole: boolean;
}

/** Reads an answer, and no more of it than `limit` bytes: what is left is cancelled. */
export async function readBody(
  response: Response,
  signal: AbortSignal | undefined,
  limit: number = MAX_BODY,
): Promise<Body> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  if (!reader) return { text: "", isWhole: true };
  let text = "";
  let size = 0;
  let isWhole = false;
  try {
    while (size <= limit) {
      const { done, value } = await unlessAborted(reader.read(), signal);
      if (done) {
        isWhole = true;
        break;
      }
      size += value.length;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    // A body that is neither read nor cancelled keeps Node alive for up to half a minute.
    if (!isWhole) reader.cancel().catch(() => {});
  }
  return { text: text + decoder.decode(), isWhole };
}

/** Cancels an answer that nobody reads. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}
