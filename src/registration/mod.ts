/**
 * Gives a program its client at an authorization server, registers clients there, and reads, updates,
 * verifies and deletes them ({@link https://www.rfc-editor.org/rfc/rfc8414 | RFC 8414},
 * {@link https://www.rfc-editor.org/rfc/rfc7591 | RFC 7591},
 * {@link https://www.rfc-editor.org/rfc/rfc7592 | RFC 7592}). On `oauth4webapi`.
 *
 * Most programs need {@linkcode resolveClient} alone, with a store of the main entry, and
 * {@linkcode verifyClient} where a login fails in the browser. The others are for programs that manage
 * what they have registered.
 *
 * @module
 */
export { resolveClient, type ResolveClientOptions, type ResolvedClient } from "./resolve_client.ts";
export { register, type RegisterOptions } from "./register.ts";
export type { RegistrationRequestOptions } from "./request.ts";
export type { JudgeOptions } from "./metadata_document.ts";
export {
  deregister,
  type Deregistration,
  readRegistration,
  updateRegistration,
} from "./client_configuration.ts";
export type { ManagementOptions } from "./managed_client.ts";
export { type Liveness, verifyClient, type VerifyClientOptions } from "./verify_client.ts";
export { type DeregisteredClient, deregisterReplaced } from "./deregister_replaced.ts";
export { RegistrationError, type RegistrationErrorOptions } from "../core/registration_error.ts";
export type { ClientInformation } from "../core/client_information.ts";
export type {
  AmendOptions,
  ChangeOptions,
  ClientStore,
  GetOrRegisterOptions,
  ListedClient,
  Register,
  Registrant,
  ReplacedClient,
  StoreOptions,
} from "../core/client_store.ts";
export type {
  Notes,
  Registration,
  Registrations,
  Requested,
  Source,
  State,
} from "../core/registrations.ts";
export type { JsonValue } from "@std/json/types";
export type { Fit } from "../core/fit.ts";
