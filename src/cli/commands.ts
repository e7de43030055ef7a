import type { Context } from "./context.ts";

/** An option of a command: a flag, or one that takes a value. */
export interface Option {
  /** What stands for its value in the usage; a flag has none. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly multiple?: true;
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
  /** Loads what runs it: nobody waits for what is not asked for. */
  load(): Promise<(context: Context) => Promise<number>>;
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
  "help": { summary: "print this help" },
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
    load: async () => (await import("./list.ts")).list,
  },
  show: {
    summary: "show all that is known of the clients of an issuer",
    operands: ["ISSUER"],
    options: { "show-secrets": { summary: "print secrets and tokens, too" } },
    example: "client-store show https://auth.example",
    load: async () => (await import("./show.ts")).show,
  },
  get: {
    summary: "print the client_id, or another member, bare: for scripts",
    operands: ["ISSUER"],
    options: { field: { value: "MEMBER", summary: "the member to print; client_id unless given" } },
    example: "client-store get https://auth.example --field client_secret",
    load: async () => (await import("./get.ts")).get,
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
      "retry": { summary: "ask the server even though it has just refused" },
    },
    example: "client-store register https://auth.example --redirect-uri http://127.0.0.1/callback",
    load: async () => (await import("./register.ts")).register,
  },
  store: {
    summary: "keep a client that you were given, read as JSON from standard input",
    operands: ["ISSUER"],
    options: {},
    example: `echo '{"client_id": "abc123"}' | client-store store https://auth.example`,
    load: async () => (await import("./store.ts")).store,
  },
  verify: {
    summary: "ask the servers whether they still know the clients",
    operands: ["[ISSUER]"],
    options: { fix: { summary: "register a new client where one is dead" } },
    example: "client-store verify --fix",
    load: async () => (await import("./verify.ts")).verify,
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
    load: async () => (await import("./remove.ts")).remove,
  },
  prune: {
    summary: "delete replaced and expired clients at their servers",
    operands: [],
    options: { "dry-run": { summary: "only print which" }, "yes": YES },
    example: "client-store prune --dry-run",
    load: async () => (await import("./prune.ts")).prune,
  },
  doctor: {
    summary: "find out what is wrong with the files, and mend it",
    operands: [],
    options: { fix: { summary: "mend what can be mended" }, yes: YES },
    example: "client-store doctor --fix",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  path: {
    summary: "print where the clients are",
    operands: [],
    options: {},
    example: "client-store path",
    load: async () => (await import("./path.ts")).path,
  },
  completion: {
    summary: "print a completion script for a shell",
    operands: ["bash|zsh|fish"],
    options: {},
    example: 'eval "$(client-store completion bash)"',
    load: async () => (await import("./completion.ts")).completion,
  },
};
