/** Something about the files of a store that the user should know. */
export interface Finding {
  /** What kind of thing it is. */
  readonly code:
    | "link"
    | "unreadable"
    | "not a file"
    | "mode"
    | "directory mode"
    | "owner"
    | "damaged"
    | "two spellings"
    | "metadata version"
    | "metadata damaged"
    | "lock"
    | "held"
    | "leftover"
    | "copy";
  /** The file that it is about. */
  readonly path: string;
  /** What is the case. */
  readonly what: string;
  /** What to do. */
  readonly advice: string;
  /** Whether {@linkcode FileStore.mend} sees to it. */
  readonly isMendable: boolean;
}
