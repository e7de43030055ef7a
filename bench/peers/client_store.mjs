import { openClientStore } from "@oauth2/client-store";

export function open(directory) {
  return openClientStore({ path: `${directory}/registered.json` });
}
