import type { FileSystem } from "../runtime/runtime.ts";
import { codeOf } from "./private_file.ts";
import { unlessRefused } from "./unless_refused.ts";

/** What one turn of waiting may count at most: whoever slept longer has not been watching. */
const MAX_TURN = 250;

/** The longest time that an owner is granted, whatever it announces, in milliseconds. */
const MAX_NEEDED = 30_000;

/** What the owner of a lock writes into it: its nonce, and the time that it needs if that is much. */
export function announcement(nonce: string, needed: number): string {
  return needed > 0 ? `${nonce} +${Math.min(Math.round(needed), MAX_NEEDED)}` : nonce;
}

/** Measures how long one content has been seen, by our own monotonic clock and while awake. */
export class Watch {
  content: string | undefined;
  readonly #limit: number;
  #seenFor = 0;
  #last = 0;

  /** `limit` is how long the same content must be seen, in milliseconds, unless it announces more. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Notes what is there now; `true` once it has been the same for the whole time. */
  hasSeen(content: string | undefined): boolean {
    const now = performance.now();
    const isSame = content !== undefined && content === this.content;
    this.#seenFor = isSame ? this.#seenFor + Math.min(now - this.#last, MAX_TURN) : 0;
    this.#last = now;
    this.content = content;
    // Below the limit, which is most of the time, what it announces makes no difference.
    return this.#seenFor >= this.#limit && this.#seenFor >= announcedIn(content);
  }

  /** Whether it was the same at the last two looks. */
  get isStill(): boolean {
    return this.#seenFor > 0;
  }

  forget(): void {
    this.content = undefined;
  }
}

function announcedIn(content: string | undefined): number {
  const needed = / \+(\d{1,5})$/.exec(content ?? "")?.[1];
  return Math.min(Number(needed ?? 0), MAX_NEEDED);
}

/**
 * What tells one owner of a lock from the next: the content; where there is none yet, or none for us
 * to read, the file itself, because each makes one of its own. `undefined` where nothing is.
 */
export function look(fs: FileSystem, path: string): string | undefined {
  try {
    const content = fs.readTextFile(path);
    if (content !== "") return content;
  } catch (error) {
    // A link that leads nowhere is in the way all the same.
    if (codeOf(error) === "ENOENT") return unlessRefused(() => fs.readLink(path));
  }
  const info = unlessRefused(() => fs.stat(path));
  return info && `${info.ino} ${info.mtime}`;
}
