import { placeOf } from "../core/addresses.ts";

/**
 * The client metadata with the `application_type` that MCP clients must send, and servers of OpenID
 * Connect take for `web` where it is missing: `native` where every redirect URI is on this machine or
 * of a private-use scheme, else `web`. What is given stays.
 */
export function withApplicationType(metadata: Record<string, unknown>): Record<string, unknown> {
  if (metadata.application_type !== undefined) return metadata;
  const { redirect_uris } = metadata;
  const uris: unknown[] = Array.isArray(redirect_uris) ? redirect_uris : [];
  const isNative = uris.length > 0 && uris.every(isOfNativeApplication);
  return { ...metadata, application_type: isNative ? "native" : "web" };
}

/** The metadata to try once more, where the server has refused the type that nobody asked for. */
export function withOtherApplicationType(
  metadata: Record<string, unknown>,
): Record<string, unknown> {
  const application_type = metadata.application_type === "native" ? "web" : "native";
  return { ...metadata, application_type };
}

function isOfNativeApplication(uri: unknown): boolean {
  if (typeof uri !== "string" || !URL.canParse(uri)) return false;
  const url = new URL(uri);
  return url.protocol === "http:" || url.protocol === "https:"
    ? placeOf(url) === "this machine"
    : true;
}
