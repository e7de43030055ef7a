import { test } from "node:test";
import { readFileSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const versions = JSON.parse(read(".ci/versions.json"));
const release = JSON.parse(read("tests/release/package.json"));
const tooling = JSON.parse(read("package-lock.json"));

test("every version of the list is installed for the tests", () => {
  for (const runtime of ["node", "deno", "bun"]) {
    for (const version of versions[runtime]) {
      const current = tooling.packages[`node_modules/${runtime}`]?.version;
      const own = release.optionalDependencies[`${runtime}-${version}`];
      assert(version === current || own?.endsWith(`@${version}`), `${runtime} ${version}`);
    }
  }
});

test("the oldest version of each line of Node is the one that engines names", () => {
  for (const [, oldest = ""] of versions.engines.node.matchAll(/(\d+\.\d+\.\d+)/g)) {
    assert(versions.node.includes(oldest), oldest);
  }
});

test("the README names the oldest versions of Node", () => {
  const [oldest, next] = versions.engines.node.match(/\d+\.\d+/g);
  assert(read("README.md").includes(`Node ${oldest} or later, ${next} or later`));
});

test("the tooling runs on the versions of Node that are promised", () => {
  const { node } = versions.engines;
  assertEquals(JSON.parse(read("package.json")).engines, { node });
  assertEquals(tooling.packages[""].engines, { node });
});

test("the oldest versions of Deno and Bun are installed, and those that the README names", () => {
  for (const name of ["Deno", "Bun"]) {
    const runtime = name.toLowerCase();
    const oldest = versions.engines[runtime].replace(">=", "");
    assert(release.optionalDependencies[`${runtime}-${oldest}`]?.endsWith(`@${oldest}`), oldest);
    const [, said] = new RegExp(`${name} (\\d[\\d.]*) or later`).exec(read("README.md")) ?? [];
    assert(said === undefined || `${oldest}.`.startsWith(`${said}.`), `${name} ${said}`);
  }
});

test("one version is said everywhere", async () => {
  const { version } = JSON.parse(read("deno.json"));
  const { VERSION } = await import("../src/cli/version.ts");
  assertEquals(VERSION, version);
  assert(read("CHANGELOG.md").includes(`## [${version}]`));
});

/** Where an installed package may find another one: beside it, or beside what it lies in. */
function* placesOf(name: string, path: string): Generator<string> {
  for (let at = path;; at = at.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, "")) {
    yield `${at}${at && "/"}node_modules/${name}`;
    if (at === "") return;
  }
}

test("every lock file has all that is optional, also for other systems, or npm ci refuses it", () => {
  for (const folder of ["", "bench/", "tests/servers/", "tests/release/"]) {
    const { packages } = JSON.parse(read(`${folder}package-lock.json`));
    for (const [path, { optionalDependencies = {} }] of Object.entries<Locked>(packages)) {
      for (const name of Object.keys(optionalDependencies)) {
        const isThere = [...placesOf(name, path)].some((place) => place in packages);
        assert(isThere, `${folder}package-lock.json: ${name} of ${path}`);
      }
    }
  }
});

interface Locked {
  optionalDependencies?: { [name: string]: string };
}
