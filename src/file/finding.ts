/** Something about the files of a store that the user should know. */
export interface Finding {
  /** What kind of thing it is. */
  readonly code:
    | "link"
    | "broken link"
    | "unreadable"
    | "unwritable"
    | "not a file"
    | "mode"
    | "directory mode"
    | "owner"
    | "time"
    | "damaged"
    | "no entry"
    | "unknown members"
    | "odd issuer"
    | "two spellings"
    | "metadata version"
    | "metadata damaged"
    | "metadata record"
    | "metadata alone"
    | "lock"
    | "held"
    | "leftover"
    | "copy";
  /** The file or directory that it is about. */
  readonly path: string;
  /** What is the case. */
  readonly what: string;
  /** What that means for the user. */
  readonly meaning: string;
  /** What to do. */
  readonly advice: string;
  /** Whether {@linkcode FileStore.mend} does it. */
  readonly isMendable: boolean;
}

/** What is told of a finding, beside its kind and its place. */
export interface Told extends Pick<Finding, "what" | "meaning" | "advice"> {
  /** Whether `mend()` sees to it; not, unless given. */
  readonly isMendable?: boolean;
}

/** Adds a finding. */
export type Find = (code: Finding["code"], path: string, told: Told) => void;

/** So many findings of one kind are told in full: a file may hold thousands of entries. */
const MAX_ALIKE = 10;

/** What is found, the first ones of each kind in full. */
export class Findings {
  readonly #found: Finding[] = [];
  readonly #more: Map<Finding["code"], { path: string; count: number }> = new Map();

  readonly find: Find = (code, path, { isMendable = false, ...told }) => {
    if (this.#found.filter((one) => one.code === code).length < MAX_ALIKE) {
      this.#found.push({ code, path, ...told, isMendable });
      return;
    }
    this.#more.set(code, { path, count: (this.#more.get(code)?.count ?? 0) + 1 });
  };

  /** All of them, and how many more there are of a kind. */
  get all(): Finding[] {
    const more = Array.from(this.#more, ([code, { path, count }]): Finding => {
      const last = this.#found.findLast((one) => one.code === code);
      return {
        code,
        path,
        what: `and ${count} more like this`,
        meaning: last?.meaning ?? "",
        advice: last?.advice ?? "",
        isMendable: last?.isMendable ?? false,
      };
    });
    return [...this.#found, ...more];
  }
}
