import { test } from "node:test";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { startServer } from "../support/authorization_server.mjs";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("./registrant.ts", import.meta.url));
const runtimes = ["deno", "bun", "node"];

async function withServer(
  env: Record<string, string>,
  trial: (server: Awaited<ReturnType<typeof startServer>>, home: string) => Promise<void>,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "client-store-once-"));
  const server = await startServer(env);
  try {
    await trial(server, home);
  } finally {
    await server.close();
    rmSync(home, { recursive: true });
  }
}

/** Starts a process for each number; resolves to the client_id that each one got. */
async function ask(count: number, issuer: string, home: string): Promise<string[]> {
  const env = { XDG_CONFIG_HOME: home };
  const runs: Promise<{ code: number | null; output: string }>[] = Array.from(
    { length: count },
    (_, n) => run([...commandFor(runtimes[n % 3] ?? "", program), issuer], { env }),
  );
  return (await Promise.all(runs)).map(({ code, output }) => {
    assertEquals(code, 0, output);
    return JSON.parse(output.trim().split("\n").at(-1) ?? "").client_id;
  });
}

test("32 processes of three runtimes that start together register once", async () => {
  await withServer({ DELAY: "1500" }, async (server, home) => {
    const clients = await ask(32, server.issuer, home);
    assertEquals(new Set(clients).size, 1);
    assertEquals((await server.count()).requests, 1);
    assert(!readdirSync(join(home, "ocamlgpt")).some((name) => name.includes("lock")));
  });
});

test("processes replace a holder that was killed in the middle of its request within 5 s", async () => {
  await withServer({ DELAY: "1000" }, async (server, home) => {
    const [command = "", ...args] = [...commandFor("node", program), server.issuer];
    const holder = spawn(command, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, XDG_CONFIG_HOME: home },
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const survivors = ask(6, server.issuer, home);
    holder.kill("SIGKILL");
    const clients = await survivors;
    assertEquals(new Set(clients).size, 1);
    const { requests } = await server.count();
    assert(requests <= 2, `${requests} requests`);
    assert(!readdirSync(join(home, "ocamlgpt")).some((name) => name.includes("lock")));
  });
});
