// A bundle for browsers, where there is no file system: it loads, finds nothing, and says so.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { node } from "../support/runtimes.mjs";
import { succeed, tool } from "./program.mjs";

const PROGRAM = `
import { lookup, store } from "@oauth2/client-store";
export const said = (async () => {
  const found = await lookup("https://auth.example");
  if (found !== undefined) throw new Error("It found what nobody has stored");
  return await store("https://auth.example", { client_id: "abc123" }).catch((error) => error.message);
})();
`;

/** Runs the bundle with the names of the web alone. */
const PAGE = `
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
const names = ["AbortController", "AbortSignal", "TextDecoder", "TextEncoder", "URL", "crypto", "fetch",
  "queueMicrotask", "setTimeout", "clearTimeout", "structuredClone", "performance"];
const page = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
runInNewContext(readFileSync("page.js", "utf8") + ";this.bundle = bundle", page);
console.log(await page.bundle.said);
`;

export function browser({ project }) {
  return [{
    name: "esbuild, for browsers",
    async attempt() {
      writeFileSync(join(project, "browser.mjs"), PROGRAM);
      writeFileSync(join(project, "page.mjs"), PAGE);
      await succeed([
        ...[tool("esbuild/bin/esbuild"), "browser.mjs", "--bundle", "--platform=browser"],
        ...["--format=iife", "--global-name=bundle", "--outfile=page.js"],
      ], { cwd: project });
      const said = await succeed([node, "page.mjs"], { cwd: project });
      if (!/no file system/i.test(said)) throw new Error(`It says: ${said}`);
    },
  }];
}
