/** An option of a command: a flag, or one that takes a value. */
export interface Option {
  /** What stands for its value in the usage; a flag has none. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly multiple?: true;
  /** A letter that stands for it. */
  readonly short?: string;
  readonly summary: string;
}

/** A command: help, usage errors and completion are made from this. */
export interface Command {
  readonly summary: string;
  /** Its arguments, such as `ISSUER`; one in brackets may be left out. */
  readonly operands: readonly string[];
  readonly options: { readonly [name: string]: Option };
  /** A line that works. */
  readonly example: string;
}

/** The options of every command. */
export const COMMON: { readonly [name: string]: Option } = {
  "app-name": { value: "NAME", summary: "directory under the config home, instead of ocamlgpt" },
  "tenant": { value: "NAME", summary: "the registrations of one account or customer" },
  "path": { value: "FILE", summary: "the file itself, instead of what the environment says" },
  "json": { summary: "print JSON" },
  "quiet": { summary: "print no notes on standard error" },
  "no-color": { summary: "print no colors" },
  "no-input": { summary: "ask nothing" },
  "help": { short: "h", summary: "print this help" },
  "version": { summary: "print the version" },
};

const YES: Option = { summary: "do it without asking" };

/** The commands, in the order of the help. */
export const COMMANDS: { readonly [name: string]: Command } = {
  list: {
    summary: "list the clients: issuer, client_id, source, state, age, expiry",
    operands: [],
    options: {},
    example: "client-store list --json",
  },
  show: {
    summary: "show all that is known of the clients of an issuer",
    operands: ["ISSUER"],
    options: { "show-secrets": { summary: "print secrets and tokens, too" } },
    example: "client-store show https://auth.example",
  },
  get: {
    summary: "print the client_id, or another member, bare: for scripts",
    operands: ["ISSUER"],
    options: { field: { value: "MEMBER", summary: "the member to print; client_id unless given" } },
    example: "client-store get https://auth.example --field client_secret",
  },
  register: {
    summary: "get a client: the stored one if it fits, else register one",
    operands: ["ISSUER"],
    options: {
      "redirect-uri": { value: "URI", multiple: true, summary: "a redirect URI of the program" },
      "scope": { value: "SCOPE", summary: "scope values, separated by spaces" },
      "client-name": { value: "NAME", summary: "what the consent screen calls the program" },
      "initial-access-token-stdin": {
        summary: "read the initial access token from standard input",
      },
      "initial-access-token-origin": {
        value: "ORIGIN",
        summary: "another origin that may get it: where the server registers clients",
      },
      "retry": { summary: "ask the server even though it has just refused" },
    },
    example: "client-store register https://auth.example --redirect-uri http://127.0.0.1/callback",
  },
  store: {
    summary: "keep a client that you were given, read as JSON from standard input",
    operands: ["ISSUER"],
    options: {},
    example: `echo '{"client_id": "abc123"}' | client-store store https://auth.example`,
  },
  verify: {
    summary: "ask the servers whether they still know the clients",
    operands: ["[ISSUER]"],
    options: { fix: { summary: "register a new client where one is dead" } },
    example: "client-store verify --fix",
  },
  remove: {
    summary: "forget the clients of an issuer",
    operands: ["ISSUER"],
    options: {
      "client-id": { value: "ID", summary: "only the client with this client_id" },
      "deregister": { summary: "delete them at the server, too" },
      "yes": YES,
    },
    example: "client-store remove https://auth.example --deregister",
  },
  prune: {
    summary: "delete replaced and expired clients at their servers",
    operands: [],
    options: { "dry-run": { summary: "only print which" }, "yes": YES },
    example: "client-store prune --dry-run",
  },
  doctor: {
    summary: "find out what is wrong with the files, and mend it",
    operands: [],
    options: { fix: { summary: "mend what can be mended" }, yes: YES },
    example: "client-store doctor --fix",
  },
  path: {
    summary: "print where the clients are",
    operands: [],
    options: {},
    example: "client-store path",
  },
  completion: {
    summary: "print a completion script for a shell",
    operands: ["bash|zsh|fish"],
    options: {},
    example: 'eval "$(client-store completion bash)"',
  },
};

/** Tells whether there is an operand for each that the command takes, and none beyond. */
export function isComplete({ operands }: Command, given: readonly string[]): boolean {
  const required = operands.filter((operand) => !operand.startsWith("["));
  return given.length >= required.length && given.length <= operands.length;
}
