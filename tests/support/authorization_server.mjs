import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { node } from "./runtimes.mjs";

const PROGRAMS = {
  "oidc-provider": "../../examples/demo/authorization_server.mjs",
  "mcpAuthRouter": "./mcp_auth_router.mjs",
  "better-auth": "../servers/better_auth.mjs",
  "workers-oauth-provider": "../servers/cloudflare.mjs",
};

/** The servers that have an installation of their own, and where it is. */
const PACKAGES = {
  "better-auth": "../servers/node_modules/@better-auth/oauth-provider",
  "workers-oauth-provider": "../servers/node_modules/@cloudflare/workers-oauth-provider",
};

/** Names the servers that are not installed here: `npm ci --prefix tests/servers` installs them. */
export function missingServers() {
  return Object.keys(PACKAGES).filter((name) =>
    !existsSync(new URL(PACKAGES[name], import.meta.url))
  );
}

/** Starts a real authorization server in a process of its own. */
export async function startServer(env = {}, program = "oidc-provider") {
  const file = fileURLToPath(new URL(PROGRAMS[program], import.meta.url));
  const child = spawn(node, [file], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("exit", () => reject(new Error("The authorization server ended before it began")));
  });
  const { issuer } = JSON.parse(line);
  return {
    issuer,
    /** What the server has seen: `registrations`, `requests`, `tokens`. */
    count: async () => await (await fetch(`${issuer}/count`)).json(),
    /** Makes the server forget every client. */
    forget: async () => await (await fetch(`${issuer}/forget`, { method: "POST" })).text(),
    close: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill();
      }),
  };
}
