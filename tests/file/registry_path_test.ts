import { test } from "node:test";
import { dirname } from "node:path";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { openClientStore, type Runtime } from "@oauth2/client-store";
import { createMemoryRuntime, openMemoryClientStore } from "@oauth2/client-store/memory";
import { realPlace } from "../support/places.ts";
import { registryPath } from "../../src/file/registry_path.ts";
import { denoRuntime } from "@oauth2/client-store/deno";
import { nodeRuntime } from "@oauth2/client-store/node";

const pathIn = (env: Record<string, string>, options = {}) =>
  registryPath(options, createMemoryRuntime({ env }));

test("registryPath() follows the XDG Base Directory specification", () => {
  assertEquals(
    pathIn({ XDG_CONFIG_HOME: "/x", HOME: "/home/u" }),
    "/x/ocamlgpt/registered.json",
  );
  const inHome = "/home/u/.config/ocamlgpt/registered.json";
  assertEquals(pathIn({ HOME: "/home/u" }), inHome);
  assertEquals(pathIn({ XDG_CONFIG_HOME: "", HOME: "/home/u" }), inHome);
  assertEquals(pathIn({ XDG_CONFIG_HOME: "relative", HOME: "/home/u" }), inHome);
  assertEquals(pathIn({ XDG_CONFIG_HOME: "./x", HOME: "/home/u" }), inHome);
  assertEquals(pathIn({ USERPROFILE: "/users/u" }), "/users/u/.config/ocamlgpt/registered.json");
  assertEquals(pathIn({ HOME: "", USERPROFILE: "" }), undefined);
  for (const home of ["~", "~/", "relative", "./x", "."]) {
    assertEquals(pathIn({ HOME: home }), undefined, home); // not in the working directory
    assertEquals(
      pathIn({ HOME: home, USERPROFILE: "/users/u" }),
      "/users/u/.config/ocamlgpt/registered.json",
    );
  }
  assertEquals(pathIn({ XDG_CONFIG_HOME: "/x" }), "/x/ocamlgpt/registered.json");
});

test("registryPath() takes drive letters and shares for absolute on Windows", () => {
  const join = (...segments: string[]) => segments.join("\\");
  const path = (XDG_CONFIG_HOME: string) => {
    const env = (name: string) => ({ XDG_CONFIG_HOME, USERPROFILE: "C:\\u" })[name];
    return registryPath({}, { env, join });
  };
  assertEquals(path("D:\\x"), "D:\\x\\ocamlgpt\\registered.json");
  assertEquals(path("\\\\host\\x"), "\\\\host\\x\\ocamlgpt\\registered.json");
  for (const relative of ["D:x", "\\x", "/home/u", "x"]) {
    assertEquals(path(relative), "C:\\u\\.config\\ocamlgpt\\registered.json");
  }
});

test("registryPath() takes the application, the tenant and the file itself as options", () => {
  const env = { HOME: "/home/u" };
  assertEquals(pathIn(env, { appName: "mine" }), "/home/u/.config/mine/registered.json");
  assertEquals(
    pathIn(env, { appName: "mine", tenant: "Zoë 1" }),
    "/home/u/.config/mine/tenants/Zoë 1/registered.json",
  );
  assertEquals(pathIn(env, { path: "/y/clients.json", tenant: "t" }), "/y/clients.json");
});

test("registryPath() refuses names that are no directory of their own everywhere", () => {
  const names = ["", ".", "..", "a/b", "a\\b", "a\0", "a\n", "\x7f", "a\u0085", "x".repeat(129)];
  names.push(
    "é".repeat(65),
    " a",
    "a ",
    "a.",
    "a:b",
    "a*",
    "con",
    "NUL.txt",
    "com1",
    "\ud800",
    "a|b",
  );
  for (const name of names) {
    for (const option of ["tenant", "appName"]) {
      assertThrows(() => pathIn({ HOME: "/h" }, { [option]: name }), TypeError, `${option} must`);
    }
  }
  assertThrows(() => openClientStore({ tenant: 7 as unknown as string }), TypeError, "tenant must");
  assertThrows(() => openClientStore({ path: "" }), TypeError, "path must");
  assertEquals(typeof pathIn({ HOME: "/h" }, { tenant: "x".repeat(128) }), "string");
});

test("openClientStore() refuses options that mean nothing", () => {
  const number = /^Cannot open client store: (lockTimeout|skew) must be a number/;
  for (const value of [null, "50", [5], NaN, -1, {}, true]) {
    for (const option of ["lockTimeout", "skew"]) {
      const error = assertThrows(() => openClientStore({ [option]: value }), TypeError);
      assertMatch(error.message, number);
    }
  }
  for (const option of ["now", "warn"]) {
    for (const value of [null, 1, "text", {}]) {
      assertThrows(() => openClientStore({ [option]: value }), TypeError, `${option} must`);
    }
  }
  const now = () => Promise.resolve(1) as unknown as number;
  assertThrows(() => openClientStore({ now }), TypeError, "now must return a number");
  assertThrows(() => openClientStore({ now: () => NaN }), TypeError, "now must return a number");
  openClientStore({ lockTimeout: Infinity, skew: 0, now: Date.now, warn: () => {} });
  for (const path of ["~", "~/x.json", "~\\x.json"]) {
    assertThrows(() => openClientStore({ path }), TypeError, "path must not begin with");
  }
  openClientStore({ path: "~backup" });
});

test("a store in a database refuses the same", () => {
  const open = (options: object) =>
    openMemoryClientStore({ dangerouslyStorePlaintext: true, ...options });
  for (const value of [null, "50", [5], NaN, -1, {}, true]) {
    for (const option of ["skew", "maxAge"]) {
      assertThrows(() => open({ [option]: value }), TypeError, `${option} must be a number`);
    }
  }
  for (const option of ["now", "warn"]) {
    for (const value of [null, 1, "text", {}]) {
      assertThrows(() => open({ [option]: value }), TypeError, `${option} must be a function`);
    }
  }
  const rejecting = () => Promise.reject(new Error("not awaited by anybody"));
  for (const now of [() => Promise.resolve(1), rejecting, () => NaN]) {
    assertThrows(() => open({ now }), TypeError, "now must return a number");
  }
  open({ skew: 0, maxAge: Infinity, now: Date.now, warn: () => {} });
});

test("the path of the current runtime is known at once, and is its adapter's", () => {
  const adapter: Runtime = "Deno" in globalThis ? denoRuntime : nodeRuntime;
  assertEquals(openClientStore().path, openClientStore({ runtime: adapter }).path);
});

if ("Deno" in globalThis) {
  test("every tenant has one directory, and what it holds is its own", async () => {
    const { walkSync } = await import("@std/fs");
    const place = realPlace();
    try {
      for (const tenant of ["a", "b", "c d"]) {
        const store = openClientStore({ runtime: place.runtime, tenant });
        await store.store("https://auth.example", { client_id: tenant });
      }
      const files = [...walkSync(place.home)].filter(({ isFile }) => isFile);
      const tenants = dirname(place.file).replaceAll("\\", "/") + "/tenants";
      assertEquals(
        files.map(({ path }) => path.replaceAll("\\", "/")).sort(),
        ["a", "b", "c d"].map((tenant) => `${tenants}/${tenant}/registered.json`),
      );
    } finally {
      place.end();
    }
  });
}
