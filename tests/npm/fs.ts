// @ts-types="./fs.d.ts"
export * from "../../node_modules/deno-std/fs/mod.js";
