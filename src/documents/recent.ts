/** How many are remembered. */
const MAX_REMEMBERED = 1000;

/** What was set last, by name; of more than a thousand, those that were set longest ago are forgotten. */
export class Recent<T> {
  readonly #values: Map<string, T> = new Map();

  /** What was set by this name, if it is remembered. */
  get(name: string): T | undefined {
    return this.#values.get(name);
  }

  /** Remembers a value instead of the one that was set longest ago. */
  set(name: string, value: T): void {
    this.#values.delete(name);
    this.#values.set(name, value);
    if (this.#values.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      break;
    }
  }
}
