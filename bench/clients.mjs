/** The clients that are stored and looked up. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

export function issuer(n) {
  return `https://auth-${n}.example.com/tenant/${n}`;
}

export function client(n, change = 0) {
  const number = String(change).padStart(8, "0");
  return {
    client_id: `client-${n}-${number}`,
    client_secret: `secret-of-client-${n}-${number}`,
  };
}

/** A directory with only a `registered.json` of `count` clients, which most peers read as it is. */
export function directoryWith(directory, count) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const clients = {};
  for (let n = 0; n < count; n++) clients[issuer(n)] = client(n);
  writeFileSync(
    `${directory}/registered.json`,
    JSON.stringify(clients, null, 2),
    { mode: 0o600 },
  );
  return directory;
}
