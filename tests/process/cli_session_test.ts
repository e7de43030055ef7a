import { test } from "node:test";
import { readFileSync } from "node:fs";
import { assertEquals } from "@std/assert";
import { recordSession, structureOf, svgOf } from "../../docs/record_session.mjs";
import { noTerminal } from "../support/pseudo_terminal.mjs";

test("the recorded session is what the command line does today", { skip: noTerminal }, async () => {
  const picture = new URL("../../docs/session.svg", import.meta.url);
  const today = structureOf(svgOf(await recordSession()));
  // If it has changed on purpose: node docs/record_session.mjs
  assertEquals(structureOf(readFileSync(picture, "utf8")), today);
});
