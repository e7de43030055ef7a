/** What the command ends with. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notRegistered: 3,
  deadOrExpired: 4,
  interrupted: 130,
} as const;

/** Deno may not read what the command needs. */
export class NotGranted extends Error {
  /** The file that may not be read. */
  readonly path: string;

  /** An error for this file. */
  constructor(path: string) {
    super(path);
    this.path = path;
  }
}

/** Ends the command with this code, after its message was written to standard error. */
export class CommandError extends Error {
  /** What the process ends with. */
  readonly exitCode: number;

  /** An error that the user is told of by `message` alone. */
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
