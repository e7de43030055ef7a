/** Cold start: a process that imports a library, looks up one client and ends. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundlersOn } from "./bundles.mjs";
import { client, directoryWith, issuer } from "./clients.mjs";
import { figure, shuffled } from "./pairs.mjs";
import { byHand, ours, peers } from "./peers/mod.mjs";
import { cleanEnvironment, timeProcess, work } from "./runtimes.mjs";

const CLIENTS = 10;
const WANTED = 7;
const WARM_UPS = 3; // Deno's caches, and the operating system's

/** These write no lookup of their own, or only another one's. */
const NO_LOOKUP = [
  "write_file_atomic",
  "proper_lockfile",
  "proper_lockfile_defaults",
  "proper_lockfile_flushed",
];
const QUICK = ["data_store", "lowdb"];

/**
 * Times each variant right beside the bare runtime.
 *
 * @returns What every variant costs, in milliseconds over the bare runtime and as a ratio to it;
 * the ratio of our overhead to that of each peer in the same round; and what could not run.
 */
export async function measureColdStart(runtime, { rounds, quick }) {
  const directory = `${work}/cold-${runtime}`;
  const chosen = peers.filter(({ id }) => quick ? QUICK.includes(id) : !NO_LOOKUP.includes(id));
  const environment = cleanEnvironment({ XDG_CONFIG_HOME: directory });
  directoryWith(`${directory}/ocamlgpt`, CLIENTS);
  const bare = write(directory, "bare", "");
  const variants = [];
  const failures = [];
  const bundlers = quick ? [] : bundlersOn(runtime);
  for (const variant of [ours, byHand(runtime), ...chosen, ...bundlers]) {
    try {
      const made = variant.bundle
        ? bundledProgram(variant)
        : variant === ours
        ? { program: write(directory, ours.id, ourProgram()) }
        : { program: write(directory, variant.id, await peerProgram(directory, variant)) };
      const known = { ...variant, on: runtime, bare, ...made, pairs: [] };
      for (let n = 0; n < WARM_UPS; n++) {
        timeProcess(known.on, known.program, environment);
        timeProcess(known.on, known.bare, environment);
      }
      variants.push(known);
    } catch (error) {
      failures.push({ name: variant.name, reason: error.message });
    }
  }
  variants.push({
    id: "bare",
    name: "the bare runtime again (noise)",
    on: runtime,
    program: bare,
    bare,
    pairs: [],
  });
  for (let round = 0; round < rounds; round++) {
    for (const { on, program, bare, pairs } of shuffled(variants)) {
      const pair = {};
      for (const which of shuffled(["bare", "whole"])) {
        pair[which] = timeProcess(
          on,
          which === "bare" ? bare : program,
          environment,
        );
      }
      pairs.push(pair);
    }
  }
  const our = variants.find(({ id }) => id === ours.id);
  if (!our) throw new Error(failures[0].reason);
  return {
    failures,
    bare: figure(
      variants.filter(({ on }) => on === runtime)
        .flatMap(({ pairs }) => pairs.map((pair) => pair.bare)),
    ),
    variants: variants.map(({ id, name, pairs }) => ({
      id,
      name,
      over: figure(pairs.map(overhead)),
      whole: figure(pairs.map((pair) => pair.whole / pair.bare)),
      ours: figure(
        pairs.map((pair, round) => overhead(our.pairs[round]) / overhead(pair)),
      ),
    })),
  };
}

function overhead({ bare, whole }) {
  return whole - bare;
}

/** As users write it: the default store, found by the environment. */
function ourProgram() {
  return `import { lookup } from "@oauth2/client-store";\n${ending("await lookup(ISSUER)")}`;
}

/** Bundled; an executable is measured beside an executable of a program that does nothing. */
function bundledProgram(bundler) {
  const program = bundler.bundle("program", ourProgram());
  if (!bundler.isExecutable) return { program };
  return { on: "executable", program, bare: bundler.bundle("bare", "") };
}

/** The peer's own file with one call at its end, so that it is one module as ours is. */
async function peerProgram(directory, { id }) {
  const place = `${directory}/${id}`;
  const file = new URL(`peers/${id}.mjs`, import.meta.url);
  directoryWith(place, CLIENTS);
  if (["unstorage", "mcp_remote_way"].includes(id)) {
    const { open } = await import(file.href);
    for (let n = 0; n < CLIENTS; n++) {
      await open(place).store(issuer(n), client(n));
    }
  }
  const source = readFileSync(fileURLToPath(file), "utf8");
  return source +
    ending(`await (await open(${JSON.stringify(place)})).lookup(ISSUER)`);
}

function ending(expression) {
  return `const found = ${expression.replace("ISSUER", JSON.stringify(issuer(WANTED)))};
if (found?.client_id !== ${JSON.stringify(client(WANTED).client_id)}) throw new Error("not found");
`;
}

function write(directory, name, text) {
  const programs = `${directory}/programs`;
  mkdirSync(programs, { recursive: true });
  const file = `${programs}/${name}.mjs`;
  writeFileSync(file, text);
  return process.platform === "win32" ? pathToFileURL(file).href : file;
}
