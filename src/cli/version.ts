/** The version of the package, as `deno.json` says it. */
export const VERSION = "0.2.0";
