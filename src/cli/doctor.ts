import { confirm } from "./ask.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { escaped } from "./plain_text.ts";
import { underWay } from "./under_way.ts";

/** What is told, but is no fault. */
const HARMLESS = ["link", "copy", "held"];

/** Finds out what is wrong with the files, and mends it where that is asked for. */
export async function doctor(context: Context): Promise<number> {
  const { open, options, signal, print, note } = context;
  const store = open();
  const examine = () => underWay(`Examining "${store.path}"`, context, () => store.examine());
  let findings = await examine();
  if (options.fix && findings.some(({ isMendable }) => isMendable)) {
    for (const { path, what } of findings.filter(({ isMendable }) => isMendable)) {
      await note(`"${path}" ${what}`);
    }
    await confirm("Mend this?", context);
    await store.mend({ signal });
    findings = await examine();
  }
  if (options.json) await print(`${JSON.stringify(findings, null, 2)}\n`);
  else {
    for (const { path, what, advice } of findings) {
      await print(`"${escaped(path)}" ${escaped(what)}: ${escaped(advice)}\n`);
    }
  }
  const faults = findings.filter(({ code }) => !HARMLESS.includes(code));
  // What cannot work shows only by doing it: this writes the files as they are.
  if (faults.length === 0) await store.mend({ signal });
  if (faults.length === 0) await note(`Nothing is wrong with "${store.path}"`);
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}
