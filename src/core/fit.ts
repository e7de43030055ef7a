import type { ClientInformation } from "./client_information.ts";
import { copyOf } from "./copy.ts";
import { isSameLoopback, isSameRedirectUri } from "./redirect_uri.ts";
import type { Registration, Requested } from "./registrations.ts";

/**
 * What a client must be registered for. What the server answered counts; where it was silent, what
 * was asked for when the client was registered; where neither is known, it fits.
 */
export interface Fit {
  /** Redirect URIs that the registration must cover, compared as URLs are. */
  redirectUris?: readonly string[];
  /**
   * Whether an `http` redirect URI on a loopback IP address covers every port
   * ({@link https://www.rfc-editor.org/rfc/rfc8252#section-7.3 | RFC 8252, section 7.3}); `true`
   * unless given. Never for a client whose `application_type` is `"web"`.
   */
  anyLoopbackPort?: boolean;
  /** Scope values, separated by spaces, that the registration must cover. */
  scope?: string;
  /** Grant types that the client must be registered for, such as `["client_credentials"]`. */
  grantTypes?: readonly string[];
  /** How the client must authenticate at the token endpoint, such as `"none"`. */
  tokenEndpointAuthMethod?: string;
  /** Says of a client whether it will do, after the other conditions. */
  accept?: (client: ClientInformation) => boolean;
}

/** A client, and what was asked for when it was registered. */
export type Known = Pick<Registration, "client" | "requested">;

/** Tells whether the client will do. */
export function fits(known: Known, fit: Fit): boolean {
  return (isOpen(fit) || isRegisteredFor(known, fit)) && accepts(known.client, fit);
}

/** What the registration does not cover of what is asked for, by the names of the standard. */
export function uncovered(known: Known, fit: Fit): string[] {
  return MEMBERS.filter(({ covers }) => !covers(registeredFor(known), fit, known))
    .map(({ member }) => member);
}

/** Tells whether the client is registered for what is asked for, whatever `accept` says. */
export function serves(known: Known, fit: Fit): boolean {
  return uncovered(known, fit).length === 0;
}

/** Serves it, or would be answered the same again: it was registered for this very request. */
function isRegisteredFor(known: Known, fit: Fit): boolean {
  const { client } = known;
  const requested = legible(known.requested ?? {});
  const asked = requestOf(fit);
  return MEMBERS.every(({ member, covers, equals }) =>
    covers(registeredFor(known), fit, known) ||
    requested[member] !== undefined && equals(requested, asked, isAnyPort(client, requested, fit))
  );
}

/** What a registration for this is a request for. */
export function requestOf(fit: Fit): Requested {
  const { redirectUris, scope, grantTypes, tokenEndpointAuthMethod } = fit;
  return {
    ...(redirectUris && redirectUris.length > 0 && { redirect_uris: [...redirectUris] }),
    ...(scope !== undefined && values(scope).length > 0 && { scope }),
    ...(grantTypes && grantTypes.length > 0 && { grant_types: [...grantTypes] }),
    ...(tokenEndpointAuthMethod !== undefined && {
      token_endpoint_auth_method: tokenEndpointAuthMethod,
    }),
  };
}

/** What a client is for: another one that serves this can take its place. */
export function purposeOf(known: Known): Fit {
  const { redirect_uris, scope, grant_types } = registeredFor(known);
  return {
    ...(redirect_uris && { redirectUris: redirect_uris }),
    ...(scope !== undefined && { scope }),
    ...(grant_types && { grantTypes: grant_types }),
  };
}

/** Tells whether any purpose will do. */
function isOpen({ redirectUris, scope, grantTypes, tokenEndpointAuthMethod }: Fit): boolean {
  return redirectUris === undefined && scope === undefined && grantTypes === undefined &&
    tokenEndpointAuthMethod === undefined;
}

function accepts(client: ClientInformation, { accept }: Fit): boolean {
  if (!accept) return true;
  const answer: unknown = accept(copyOf(client));
  // A promise is true, whatever it will be.
  if (typeof (answer as PromiseLike<unknown> | undefined)?.then === "function") {
    throw new TypeError("Cannot choose a client: accept must not return a promise");
  }
  return Boolean(answer);
}

/** What the server answered, else what was asked for. */
function registeredFor({ client, requested = {} }: Known): Requested {
  return {
    // What RFC 7591 says of a request that names none.
    ...(requested.redirect_uris && { grant_types: ["authorization_code"] }),
    ...legible(requested),
    ...legible(client),
  };
}

/** What an answer or a request says that counts, without what is of a wrong type or without sense. */
function legible(said: { readonly [member in keyof Requested]: unknown }): Requested {
  const uris = list(said.redirect_uris);
  const scope = text(said.scope);
  const grants = list(said.grant_types);
  const method = text(said.token_endpoint_auth_method);
  const type = text(said.application_type);
  return {
    ...(uris && { redirect_uris: uris }),
    ...(scope !== undefined && { scope }),
    ...(grants && { grant_types: grants }),
    ...(method !== undefined && { token_endpoint_auth_method: method }),
    ...(type !== undefined && { application_type: type }),
  };
}

/** What a client is registered for, member by member, and when two requests ask for the same. */
const MEMBERS: readonly {
  member: "redirect_uris" | "scope" | "grant_types" | "token_endpoint_auth_method";
  covers(registered: Requested, fit: Fit, known: Known): boolean;
  equals(one: Requested, other: Requested, isAnyPort: boolean): boolean;
}[] = [
  {
    member: "redirect_uris",
    covers({ redirect_uris, grant_types }, { redirectUris = [], ...fit }, { client, requested }) {
      if (redirectUris.length === 0) return true;
      if (grant_types && !grant_types.some((grant) => REDIRECTING.includes(grant))) return false;
      return !redirect_uris || includesAll(
        redirect_uris,
        redirectUris,
        isAnyPort(client, requested, fit),
      );
    },
    equals: ({ redirect_uris: one = [] }, { redirect_uris: other = [] }, isAnyPort) =>
      includesAll(one, other, isAnyPort) && includesAll(other, one, isAnyPort),
  },
  {
    member: "scope",
    covers: ({ scope: registered }, { scope = "" }) =>
      registered === undefined || values(scope).every((one) => values(registered).includes(one)),
    equals: ({ scope: one = "" }, { scope: other = "" }) => isSameSet(values(one), values(other)),
  },
  {
    member: "grant_types",
    covers: ({ grant_types: registered }, { grantTypes = [] }) =>
      !registered || grantTypes.every((grant) => registered.includes(grant)),
    equals: ({ grant_types: one = [] }, { grant_types: other = [] }) => isSameSet(one, other),
  },
  {
    member: "token_endpoint_auth_method",
    covers({ token_endpoint_auth_method: method }, { tokenEndpointAuthMethod: asked }, { client }) {
      if (asked === undefined) return true;
      if (method !== undefined) return method === asked;
      // Where nobody says it, the secret does.
      const needsSecret = asked.startsWith("client_secret_");
      return needsSecret || asked === "none"
        ? needsSecret === (client.client_secret !== undefined)
        : true;
    },
    equals: (one, other) => one.token_endpoint_auth_method === other.token_endpoint_auth_method,
  },
];

const REDIRECTING = ["authorization_code", "implicit"];

function isAnyPort(client: ClientInformation, requested: Requested | undefined, fit: Fit): boolean {
  const type = text(client.application_type) ?? requested?.application_type;
  return fit.anyLoopbackPort !== false && type !== "web";
}

function includesAll(uris: readonly string[], asked: readonly string[], anyPort: boolean): boolean {
  return asked.every((one) =>
    uris.some((uri) => isSameRedirectUri(uri, one) || anyPort && isSameLoopback(uri, one))
  );
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.every((value) => other.includes(value)) && other.every((value) => one.includes(value));
}

function list(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const strings = value.filter((one) => typeof one === "string" && one !== "");
  return strings.length > 0 ? strings : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function values(scope: string): string[] {
  return scope.split(" ").filter((value) => value !== "");
}
