import type { JsonValue } from "@std/json";
import type { ClientInformation } from "./client_information.ts";

/** The content of `registered.json` as it is read: issuer to whatever stands there. */
export type Registry = { [issuer: string]: JsonValue | undefined };

/** What `registered.metadata.json` says of one client: all but the secret. */
export type ClientMetadata = { [member: string]: JsonValue | undefined };

/** A client that another one has taken the place of. */
export interface ReplacedClient {
  /** The issuer it is registered with. */
  issuer: string;
  /** What is known of it; with its RFC 7592 members it can still be deleted at the server. */
  client: ClientInformation;
}

/** The content of `registered.metadata.json`. */
export interface Metadata {
  /** Issuer to the metadata of the client that is, or is about to be, in `registered.json`. */
  readonly clients: { [issuer: string]: JsonValue | undefined };
  /** Clients that were replaced. They tell of a client still in `registered.json`, too: a crash
   * between the two renames leaves the old client there, and its metadata here. */
  readonly replaced: readonly ReplacedClient[];
  /** Members of the file that we do not know. */
  readonly rest: { [member: string]: JsonValue | undefined };
}

/** `registered.json` and its metadata, read and parsed. */
export interface Snapshot {
  readonly registry: Registry;
  readonly metadata: Metadata | undefined;
}
