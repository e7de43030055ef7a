import { checkClientInformation, type ClientInformation } from "../core/client_information.ts";
import { ClientStoreError } from "../core/client_store_error.ts";
import { type Fit, fits, uncovered } from "../core/fit.ts";

/** The client that the user was given; it is the user's to change where it will not do. */
export function givenClient(
  attempt: string,
  given: ClientInformation,
  fit: Fit,
  rejected: string | undefined,
): ClientInformation {
  const client = checkClientInformation(given, `${attempt}: preRegistered`);
  const fail = (what: string): never => {
    throw new ClientStoreError(
      `${attempt}: the pre-registered client ${what}: it is never registered over; ` +
        "ask the server's operator, and give the right one",
      { code: "ERR_PRE_REGISTERED", path: "" },
    );
  };
  if (client.client_id === rejected) fail("was rejected");
  const { client_secret_expires_at: expiry } = client;
  if (typeof expiry === "number" && expiry > 0 && expiry <= Date.now() / 1000) fail("has expired");
  if (!fits({ client }, fit)) {
    const what = uncovered({ client }, fit).join(", ") || "accept";
    fail(`does not fit what is asked for (${what})`);
  }
  return client;
}
