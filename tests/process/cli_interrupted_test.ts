import { after, test } from "node:test";
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { openClientStore } from "@oauth2/client-store";
import { commandFor, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("../../src/cli/mod.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "client-store-interrupted-"));
after(() => rmSync(directory, { recursive: true }));
const runtimes = ["deno", "bun", "node"];
const REDIRECT = "--redirect-uri=http://127.0.0.1/callback";

/** A server that says when it is asked to register or to delete, and answers when it is told to. */
async function slowServer(answer: Record<string, unknown> = {}) {
  let asked = () => {};
  let go = () => {};
  const held = new Promise<void>((resolve) => go = resolve);
  const isAsked = new Promise<void>((resolve) => asked = resolve);
  const server = createServer(async (request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    response.setHeader("content-type", "application/json");
    if (request.url?.includes(".well-known")) {
      return response.end(
        JSON.stringify({ issuer, registration_endpoint: `${issuer}/register` }),
      );
    }
    asked();
    await held;
    if (request.method === "DELETE") return response.writeHead(204).end();
    response.writeHead(201).end(JSON.stringify({ client_id: "late", ...answer }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isAsked,
    go,
    async close() {
      go();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const newPath = () => join(directory, crypto.randomUUID(), "registered.json");

function start(runtime: string, path: string, args: string[]) {
  const [command = "", ...rest] = commandFor(runtime, program);
  const child = spawn(command, [...rest, ...args, `--path=${path}`], {
    cwd: root,
    stdio: "ignore",
  });
  return { child, ended: once(child, "exit") as Promise<[number | null, string | null]> };
}

for (const runtime of runtimes) {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    test(`on ${runtime}, ${signal} in the middle of register leaves nothing in the way`, async () => {
      const server = await slowServer();
      const path = newPath();
      try {
        const { child, ended } = start(runtime, path, ["register", server.issuer, REDIRECT]);
        await server.isAsked;
        child.kill(signal);
        const [code, killedBy] = await ended;
        if (signal === "SIGINT") {
          assertEquals(code ?? killedBy, 130);
          const left = readdirSync(dirname(path)).filter((name) => /lock|tmp/.test(name));
          assertEquals(left, []);
        }
        assertEquals(existsSync(path), false);
        server.go();
        const again = await run(
          [...commandFor(runtime, program), "register", server.issuer, REDIRECT, `--path=${path}`],
          { cwd: root },
        );
        assertEquals([again.code, again.output], [0, "late\n"]);
      } finally {
        await server.close();
      }
    });
  }

  test(`on ${runtime}, SIGKILL in the middle of prune loses nothing that it takes to go on`, async () => {
    const server = await slowServer();
    const path = newPath();
    try {
      const store = openClientStore({ path });
      await store.store(server.issuer, {
        client_id: "old",
        registration_client_uri: `${server.issuer}/register/old`,
        registration_access_token: "token",
      });
      await store.store(server.issuer, { client_id: "new" });
      const { child, ended } = start(runtime, path, ["prune", "--yes"]);
      await server.isAsked;
      child.kill("SIGKILL");
      await ended;
      assertEquals((await store.replaced()).map(({ client }) => client.client_id), ["old"]);
      server.go();
      const again = await run(
        [...commandFor(runtime, program), "prune", "--yes", `--path=${path}`],
        { cwd: root },
      );
      assertEquals(again.code, 0, again.output);
      assertEquals(await store.replaced(), []);
      assertEquals((await store.lookup(server.issuer))?.client_id, "new");
    } finally {
      await server.close();
    }
  });

  test(`on ${runtime}, a closed standard output ends the command quietly`, async () => {
    const path = newPath();
    const store = openClientStore({ path });
    for (let n = 0; n < 300; n++) {
      await store.store(`https://auth.example/${n}/${"x".repeat(300)}`, { client_id: "a" });
    }
    const command = [...commandFor(runtime, program), "list", `--path=${path}`];
    const quoted = command.map((one) => `'${one}'`).join(" ");
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["-c", `${quoted} | head -c 10; exit \${PIPESTATUS[0]}`],
      { cwd: root, encoding: "utf8" },
    );
    assertEquals([status, stdout, stderr], [0, "https://au", ""]);
  });

  test(`on ${runtime}, what is printed is added to a file, also where that is nothing`, async () => {
    const path = newPath();
    await openClientStore({ path }).store("https://auth.example", { client_id: "a" });
    const cli = commandFor(runtime, program).map((one: string) => `'${one}'`).join(" ");
    const file = `${path}.txt`;
    const lines = ["show https://no.example", "get https://auth.example", "list", "doctor"]
      .map((args) => `${cli} ${args} --path='${path}' >> '${file}' 2>&1`);
    spawnSync("bash", ["-c", ["echo before > '" + file + "'", ...lines].join("\n")], { cwd: root });
    const [first, second = "", third, fourth = "", fifth = "", end] = readFileSync(file, "utf8")
      .split("\n");
    assertEquals([first, third, end], ["before", "a", ""]);
    assert(second.startsWith("No client") && fourth.startsWith("https://auth.example\ta"), fourth);
    assert(fifth.startsWith("Nothing is wrong"), fifth);
  });

  test(`on ${runtime}, a closed standard error changes nothing of what is done`, () => {
    const command = [...commandFor(runtime, program), "get", "https://no.example"];
    const quoted = [...command, `--path=${newPath()}`].map((one) => `'${one}'`).join(" ");
    for (const line of [`${quoted} 2>&1 >/dev/null | head -c 0`, `${quoted} 2>&-`]) {
      const { stdout } = spawnSync("bash", ["-c", `${line}; echo \${PIPESTATUS[0]}`], {
        cwd: root,
        encoding: "utf8",
      });
      assertEquals(stdout, "3\n");
    }
  });

  test(`on ${runtime}, nothing that a server says commands the terminal`, async () => {
    const hostile = "\x1b]0;owned\x07\x1b[2J\u009b31m";
    const server = createServer((request, response) => {
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      response.setHeader("content-type", "application/json");
      if (request.url?.includes(".well-known")) {
        return response.end(
          JSON.stringify({ issuer, registration_endpoint: `${issuer}/register` }),
        );
      }
      const body = { error: hostile, error_description: hostile };
      response.writeHead(400).end(JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { code, output } = await run(
        [...commandFor(runtime, program), "register", issuer, REDIRECT, `--path=${newPath()}`],
        { cwd: root },
      );
      assertEquals(code, 1);
      assert(output.includes("400"), output);
      // deno-lint-ignore no-control-regex
      assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(output), JSON.stringify(output));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
