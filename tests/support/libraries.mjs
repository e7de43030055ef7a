import { existsSync } from "node:fs";

/** The libraries that have an installation of their own, and where it is. */
const PACKAGES = {
  LangChain: "../libraries/node_modules/@langchain/mcp-adapters",
};

/** Names those that are not installed here: `npm ci --prefix tests/libraries` installs them. */
export function missingLibraries() {
  return Object.keys(PACKAGES).filter((name) =>
    !existsSync(new URL(PACKAGES[name], import.meta.url))
  );
}
