// The library in tests of its users: pools of Vitest, Jest, and clocks that stand still.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { node } from "../support/runtimes.mjs";
import { succeed, tool } from "./program.mjs";

/** A test of a user: real files, a clock that stands still. */
const suite = (imports, fakeTimers) => `
${imports}
test("a client is stored and found while the clock stands still", async () => {
  ${fakeTimers}
  const store = openClientStore({ path: process.env.STORE });
  const [first, second] = await Promise.all([1, 2].map(() =>
    store.getOrRegister("https://auth.example", async () => ({ client_id: "abc123" }))
  ));
  expect(first.client_id).toBe("abc123");
  expect(second.client_id).toBe("abc123");
  expect((await store.lookup("https://auth.example")).client_id).toBe("abc123");
  await store.remove("https://auth.example");
});
test("a memory runtime keeps a test from the disk", async () => {
  const store = openClientStore({ runtime: createMemoryRuntime({ env: { HOME: "/home/u" } }) });
  await store.store("https://auth.example", { client_id: "abc123" });
  expect((await store.lookup("https://auth.example")).client_id).toBe("abc123");
});
`;
const LIBRARY = `import { openClientStore } from "@oauth2/client-store";
import { createMemoryRuntime } from "@oauth2/client-store/memory";`;

export function testRunners({ project }) {
  const env = (name) => ({ STORE: join(project, name, "registered.json") });
  const folder = (name, text) => {
    mkdirSync(join(project, name), { recursive: true });
    writeFileSync(join(project, name, "a.test.js"), text);
    return join(project, name);
  };
  return [
    ...["threads", "forks", "vmThreads", "vmForks"].map((pool) => ({
      name: `Vitest, ${pool}`,
      isLong: pool === "vmForks" || pool === "forks",
      async attempt() {
        const cwd = folder(
          pool,
          suite(
            `import { expect, test, vi } from "vitest";\n${LIBRARY}`,
            "vi.useFakeTimers();",
          ),
        );
        const vitest = join(project, "node_modules/vitest");
        try {
          symlinkSync(tool("vitest"), vitest, "junction");
        } catch (error) {
          if (error.code !== "EEXIST") throw error;
        }
        const command = [node, tool("vitest/vitest.mjs"), "run", `--pool=${pool}`, "--root", cwd];
        await succeed(command, { cwd, env: env(pool) });
      },
    })),
    {
      name: "Jest",
      async attempt() {
        const cwd = folder(
          "jest",
          suite(LIBRARY, "jest.useFakeTimers();").replace(
            "import {",
            `import { jest } from "@jest/globals";\nimport {`,
          ),
        );
        writeFileSync(
          join(cwd, "package.json"),
          `{ "type": "module", "jest": { "transform": {} } }`,
        );
        const command = [
          node,
          "--experimental-vm-modules",
          tool("jest/bin/jest.js"),
          "--rootDir",
          cwd,
        ];
        await succeed(command, { cwd, env: env("jest") });
      },
    },
  ];
}
