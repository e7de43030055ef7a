/** A text with damage, and where that is. */
export interface Damaged {
  bytes: Uint8Array;
  /** Nothing outside of it was touched; `undefined`: nothing was. */
  damagedAt?: { from: number; to: number };
}

const pick = <T>(values: readonly T[], at: number): T => values[at % values.length] as T;

/** Damages a text in a way that leaves all but what is near the damage whole. */
export function damage(whole: string, next: (below: number) => number): Damaged {
  const bytes = new TextEncoder().encode(whole);
  const at = next(bytes.length);
  const splice = (insert: string | number[], remove = 0): Damaged => {
    const added = typeof insert === "string" ? new TextEncoder().encode(insert) : insert;
    return {
      bytes: new Uint8Array([...bytes.slice(0, at), ...added, ...bytes.slice(at + remove)]),
      damagedAt: { from: at, to: at + remove },
    };
  };
  switch (next(9)) {
    case 0: // truncated
      return { bytes: bytes.slice(0, at), damagedAt: { from: at, to: bytes.length } };
    case 1: { // one bit flipped
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] as number) ^ (1 << next(8));
      return { bytes: flipped, damagedAt: { from: at, to: at } };
    }
    case 2: // a hole of zeros, as after a power cut
      return splice(new Array(1 + next(40)).fill(0), next(40));
    case 3: // bytes lost
      return splice("", 1 + next(30));
    case 4: // invalid UTF-8
      return splice([pick([0xff, 0xc0, 0xed, 0xf8, 0x80], next(5))]);
    case 5: { // deep nesting before everything
      const deep = pick(["[", `{"a":`], next(2)).repeat(1 + next(2000));
      const added = new TextEncoder().encode(deep);
      return { bytes: new Uint8Array([...added, ...bytes]) };
    }
    case 6: { // a huge key that never ends
      const added = new TextEncoder().encode(`{"${"k".repeat(next(20_000))}\n`);
      return { bytes: new Uint8Array([...added, ...bytes]) };
    }
    case 7: // another type around it
      return {
        bytes: new TextEncoder().encode(
          pick([`[${whole}]`, `${whole}${whole}`, `x${whole}`], next(3)),
        ),
      };
    default: // text torn in
      return splice(pick(['"', "{", "}", "\\", ",", ":", "\n", "null"], next(8)), next(3));
  }
}
