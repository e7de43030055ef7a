import type { ClientInformation } from "../client_information.ts";

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

/** The `client_id` in the answer of a registration; `undefined` when that has failed in any way. */
export async function registeredId(register: () => Promise<Response>): Promise<string | undefined> {
  try {
    const response = await register();
    const { client_id } = Object(response.ok && await response.json());
    return typeof client_id === "string" ? client_id : undefined;
  } catch {
    return undefined;
  }
}
