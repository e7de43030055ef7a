/** The type of `@std/json/types`; its npm redistribution carries no declarations. */
export type JsonValue =
  | { [key: string]: JsonValue | undefined }
  | JsonValue[]
  | string
  | number
  | boolean
  | null;
