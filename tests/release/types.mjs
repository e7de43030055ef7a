// The declarations of the installed package, with compilers and settings of users.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { node } from "../support/runtimes.mjs";
import { succeed, tool } from "./program.mjs";

const COMPILERS = {
  "5.9": tool("typescript-5.9/lib/tsc.js"),
  "7.0": tool("typescript/bin/tsc"),
};
const RESOLUTIONS = { bundler: "esnext", node16: "node16", nodenext: "nodenext" };

/** A program that uses every entry, as far as its types go. */
function typedProgram({ name, exports }) {
  const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
  const imports = entries.map((entry, index) =>
    `import * as entry${index} from "${name}${entry.slice(1)}";`
  );
  const uses = entries.map((_, index) => `entry${index}`).join(", ");
  return `${imports.join("\n")}
import { lookup, openClientStore } from "${name}";
import { resolveClient } from "${name}/registration";
export const entries = [${uses}];
export async function main(): Promise<string> {
  const found = await lookup("https://auth.example");
  const { client } = await resolveClient(openClientStore(), "https://auth.example", {
    clientMetadata: { client_name: "my-tool", redirect_uris: ["http://127.0.0.1/callback"] },
  });
  return found?.client_id ?? client.client_id;
}
`;
}

/** What a user's program must know the names of the web by: `AbortSignal`, `Response`, `URL`. */
const NAMES_OF_THE_WEB = {
  "DOM": { lib: ["es2022", "dom"], types: [] },
  "@types/node": { lib: ["es2022"], types: ["node"], typeRoots: [tool("@types")] },
};

export function types({ project, installed }) {
  const trials = [];
  const add = (version, resolution, names, exactOptionalPropertyTypes) => {
    const exact = exactOptionalPropertyTypes ? "exact" : "inexact";
    trials.push({
      name: `TypeScript ${version}, ${resolution}, ${names}, ${exact} optional properties`,
      isLong: resolution === "node16" || names === "DOM" || !exactOptionalPropertyTypes,
      async attempt() {
        const compilerOptions = {
          noEmit: true,
          strict: true,
          target: "es2022",
          skipLibCheck: false,
          module: RESOLUTIONS[resolution],
          moduleResolution: resolution,
          exactOptionalPropertyTypes,
          ...NAMES_OF_THE_WEB[names],
        };
        const config = { compilerOptions, files: ["typed.ts"] };
        writeFileSync(join(project, "typed.ts"), typedProgram(installed));
        writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
        await succeed([node, COMPILERS[version], "--project", "tsconfig.json"], { cwd: project });
      },
    });
  };
  for (const version of Object.keys(COMPILERS)) {
    for (const resolution of Object.keys(RESOLUTIONS)) {
      for (const names of Object.keys(NAMES_OF_THE_WEB)) {
        for (const exact of [true, false]) add(version, resolution, names, exact);
      }
    }
  }
  return trials;
}
