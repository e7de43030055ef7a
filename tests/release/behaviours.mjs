// The suites that tell how a store behaves, with the installed package in the place of the sources.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { succeed } from "./program.mjs";
import { runtimeOf } from "./versions.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));
// What a version of a runtime does otherwise than another shows in its file system first.
const SHORT = ["tests/runtime/contract_test.ts", "tests/runtime/file_system_test.ts"];
const LONG = [
  "tests/core/client_store_test.ts",
  "tests/core/get_or_register_test.ts",
  "tests/core/purposes_test.ts",
  "tests/file/change_queue_test.ts",
  "tests/file/metadata_test.ts",
];

/** Where each entry of the installed package lies. */
function entriesOf({ project, installed: { name, exports } }) {
  return Object.entries(exports)
    .filter(([entry]) => entry !== "./package.json")
    .map((
      [entry, { default: file }],
    ) => [`${name}${entry.slice(1)}`, join(project, "node_modules", name, file)]);
}

/** The project's tsconfig.json, which Node (through tsx) and Bun find names by. */
function writeConfig(of) {
  const { compilerOptions } = read("tsconfig.json");
  const entries = entriesOf(of).map(([name, file]) => [name, [file]]);
  compilerOptions.baseUrl = root;
  Object.assign(compilerOptions.paths, Object.fromEntries(entries));
  const config = join(of.project, "behaviours.tsconfig.json");
  writeFileSync(config, JSON.stringify({ compilerOptions }));
  return config;
}

/** The project's import map, which Deno finds names by. */
function writeImportMap(of) {
  const map = read("tests/npm/import_map.json");
  for (const [name, path] of Object.entries(map.imports)) {
    if (path.startsWith(".")) map.imports[name] = join(root, "tests/npm", path);
  }
  Object.assign(map.imports, Object.fromEntries(entriesOf(of)));
  const file = join(of.project, "behaviours.import_map.json");
  writeFileSync(file, JSON.stringify(map));
  return file;
}

const COMMANDS = {
  node: (of, suites) => ({
    options: ["--import", "tsx", "--test", ...suites],
    env: { TSX_TSCONFIG_PATH: writeConfig(of) },
  }),
  bun: (of, suites) => ({
    options: [
      "test",
      ...["--timeout", "60000", `--tsconfig-override=${writeConfig(of)}`],
      ...suites.map((file) => `./${file}`),
    ],
  }),
  deno: (of, suites) => ({
    options: [
      "test",
      "-A",
      "--no-check",
      "--no-lock",
      "--import-map",
      writeImportMap(of),
      ...suites,
    ],
  }),
};

export function behaviours(of) {
  const listed = read(".ci/versions.json");
  const trial = (name, runtime, version, suites, isLong) => ({
    name: `${name} on ${runtime} ${version}`,
    isLong,
    async attempt() {
      const { options, env } = COMMANDS[runtime](of, suites);
      await succeed([runtimeOf(runtime, version), ...options], { cwd: root, env });
    },
  });
  return Object.keys(COMMANDS).flatMap((runtime) =>
    listed[runtime].flatMap((version) => [
      trial("file system", runtime, version, SHORT, false),
      trial("behaviours", runtime, version, LONG, true),
    ])
  );
}
