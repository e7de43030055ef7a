// @ts-types="./assert.d.ts"
export * from "../../node_modules/deno-std/assert/mod.js";
