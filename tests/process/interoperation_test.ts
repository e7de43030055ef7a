import { test } from "node:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { commandFor, deno, denoResolution, run } from "../support/runtimes.mjs";

const program = fileURLToPath(new URL("./store_or_look.ts", import.meta.url));
const runtimes = ["deno", "bun", "node"];
const ISSUER = "https://auth.example";

async function inHome(trial: (home: string, directory: string) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "client-store-process-"));
  try {
    await trial(home, join(home, "ocamlgpt"));
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** Runs the program, and parses what it printed. */
async function call(command: string[], home: string, env = {}): Promise<Record<string, unknown>> {
  const { code, output } = await run(command, { env: { XDG_CONFIG_HOME: home, ...env } });
  assertEquals(code, 0, output);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** What a strict reader in another language makes of the file: any unknown member is an error. */
function strictly(file: string): Record<string, { client_id: string; client_secret?: string }> {
  const value = JSON.parse(readFileSync(file, "utf8"));
  for (const [issuer, entry] of Object.entries<Record<string, unknown>>(value)) {
    for (const member of Object.keys(entry)) {
      assert(["client_id", "client_secret"].includes(member), `${issuer} has ${member}`);
    }
  }
  return value;
}

for (const writer of runtimes) {
  test(`what ${writer} stores, every runtime and a strict decoder read`, async () => {
    await inHome(async (home, directory) => {
      await call([...commandFor(writer, program), "store", ISSUER], home);
      const file = join(directory, "registered.json");
      assertEquals(strictly(file), { [ISSUER]: { client_id: "abc123", client_secret: "s3cr3t" } });
      for (const reader of runtimes) {
        const { client } = await call([...commandFor(reader, program), "lookup", ISSUER], home);
        assertEquals(client, {
          client_id: "abc123",
          client_secret: "s3cr3t",
          scope: "read",
          redirect_uris: ["http://127.0.0.1/callback"],
        });
      }
    });
  });

  for (const umask of ["0000", "0777"]) {
    test(`${writer} under umask ${umask} writes mode 0600 into a directory of mode 0700`, async () => {
      await inHome(async (home, directory) => {
        const command = [...commandFor(writer, program), "store", ISSUER];
        await call(["sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...command], home);
        assertEquals(statSync(directory).mode & 0o777, 0o700);
        for (const name of readdirSync(directory)) {
          assertEquals(statSync(join(directory, name)).mode & 0o777, 0o600, name);
        }
      });
    });
  }
}

test("Deno needs exactly the permissions that the README states", async () => {
  await inHome(async (home, directory) => {
    const permissions = [
      "--allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE",
      `--allow-read=${directory}`,
      `--allow-write=${directory}`,
    ];
    const command = (
      flags: string[],
      ...args: string[]
    ) => [...commandFor("deno", program, flags), ...args];
    await call(command(permissions, "store", ISSUER), home);
    const { client } = await call(command(permissions, "lookup", ISSUER), home);
    assertEquals((client as { client_id: string }).client_id, "abc123");
    await call(command(permissions, "store", "https://second.example"), home);
    await call(command(permissions.slice(0, 2), "lookup", ISSUER), home);
  });
});

test("Deno looks up and stores without a touch of process", async () => {
  await inHome(async (home) => {
    const untouched = fileURLToPath(new URL("./without_process.ts", import.meta.url));
    assertEquals(await call(commandFor("deno", untouched), home), { client_id: "abc123" });
  });
});

for (
  const [how, wrap] of [
    ["without a terminal", (command: string[]) => command],
    [
      "at a terminal, where Deno would ask",
      (command: string[]) => ["script", "-qec", command.join(" "), "/dev/null"],
    ],
  ] as const
) {
  test(`Deno without permissions finds nothing and says what is missing, ${how}`, async () => {
    await inHome(async (home) => {
      const command = (...args: string[]) =>
        wrap([deno, "run", "--no-check", ...denoResolution(), program, ...args]);
      const env = { XDG_CONFIG_HOME: home };
      const looked = await run(command("lookup", ISSUER, "/nowhere/registered.json"), {
        env,
        timeout: 20_000,
      });
      assert(/\{\}/.test(looked.output), looked.output);
      const stored = await run(command("store", ISSUER, "/nowhere/registered.json"), {
        env,
        timeout: 20_000,
      });
      assert(/EACCES.*run with --allow-(read|write)/.test(stored.output), stored.output);
      const homeless = await run(command("store", ISSUER), { env, timeout: 20_000 });
      assert(/names no home/.test(homeless.output), homeless.output);
    });
  });
}

test("another user's file reads as not registered, and storing says who is to look", async () => {
  await inHome(async (home) => {
    await call([...commandFor("node", program), "store", ISSUER], home);
    const other = await call([...commandFor("node", program), "as-nobody", ISSUER], home);
    assertEquals(other.client, undefined);
    if (process.getuid?.() === 0) {
      assert(/EACCES.*check its owner and mode/.test(String(other.error)), String(other.error));
    }
  });
});
