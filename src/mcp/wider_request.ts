import type { ClientInformation } from "../core/client_information.ts";

/** The registration request for `metadata`, of the kind that `client` was registered with. */
export function widerRequest(
  { grant_types, application_type }: ClientInformation,
  metadata: object,
): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    // The SDK fills these in where the provider leaves them out.
    body: JSON.stringify({ grant_types, application_type, ...metadata }),
    redirect: "manual",
  };
}
