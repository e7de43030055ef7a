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

test("one version is said everywhere", async () => {
  const { version } = JSON.parse(read("deno.json"));
  const { VERSION } = await import("../src/cli/version.ts");
  assertEquals(VERSION, version);
  assert(read("CHANGELOG.md").includes(`## [${version}]`));
});

test("every action is pinned by its SHA", () => {
  for (const name of ["ci.yml", "publish.yml"]) {
    for (const [line, pin] of read(`.github/workflows/${name}`).matchAll(/uses: \S+@(\S+).*/g)) {
      assert(/^[0-9a-f]{40}$/.test(pin ?? ""), line);
    }
  }
});
