import { ClientStoreError, type Finding } from "../../mod.ts";
import { confirm } from "./ask.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { inOwnWords } from "./own_words.ts";
import { escaped, jsonText } from "./plain_text.ts";
import { underWay } from "./under_way.ts";

/** What is told, but is no fault. */
const HARMLESS: readonly Finding["code"][] = ["link", "copy", "held", "metadata alone"];

/** Finds out what is wrong with the files, and mends it where that is asked for. */
export async function doctor(context: Context): Promise<number> {
  const { open, options, print, note } = context;
  const store = open();
  const examine = () => underWay(() => `Examining "${store.path}"`, context, () => store.examine());
  // Taken from the context at the last moment: nothing but the system ends what waits for an answer.
  const mend = () =>
    underWay(
      () => `Mending "${store.path}"`,
      context,
      () => store.mend({ signal: context.signal }),
    );
  let findings = await examine();
  if (options.fix && findings.some(({ isMendable }) => isMendable)) {
    for (const finding of findings.filter(({ isMendable }) => isMendable)) {
      await note(`"${finding.path}" ${finding.what}: ${finding.advice}`);
    }
    await confirm("Mend this?", context);
    const failure = await failureOf(mend);
    if (failure) await note(failure.message);
    findings = (await examine()).map((one) => failure ? one : withoutModes(one));
  }
  if (findings.every(({ code }) => HARMLESS.includes(code))) {
    // What cannot work shows only by doing it: this writes the files as they are.
    const failure = await failureOf(mend);
    if (failure) findings = [...findings, unwritable(failure, store.path)];
  }
  const told = findings.map((one) => ({ ...one, advice: inOwnWords(one.advice) }));
  if (options.json) await print(`${jsonText(told)}\n`);
  else for (const finding of told) await print(blockOf(finding));
  const faults = told.filter(({ code }) => !HARMLESS.includes(code));
  if (faults.length === 0) await note(`Nothing is wrong with "${store.path}"`);
  else if (faults.some(({ isMendable }) => isMendable)) {
    await note("client-store doctor --fix does what is marked (--fix)");
  }
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}

/** A mode that does not change although that is allowed is one that nobody keeps. */
function withoutModes(finding: Finding): Finding {
  const { code, what, isMendable } = finding;
  if (!isMendable || code !== "mode" && code !== "directory mode") return finding;
  return {
    ...finding,
    what: `${what}, and stays so: its file system keeps no modes`,
    advice: "set XDG_CONFIG_HOME or path to a place that keeps them",
    isMendable: false,
  };
}

/** What is the case, what it means, what to do: a line each. */
function blockOf({ path, what, meaning, advice, isMendable }: Finding): string {
  return [
    `"${escaped(path)}" ${escaped(what)}`,
    `  meaning: ${escaped(meaning)}`,
    `  ${isMendable ? "to do (--fix)" : "to do"}: ${escaped(advice)}`,
    "",
  ].join("\n");
}

async function failureOf(mend: () => Promise<void>): Promise<ClientStoreError | undefined> {
  try {
    await mend();
  } catch (error) {
    if (error instanceof ClientStoreError) return error;
    throw error;
  }
}

function unwritable({ message }: ClientStoreError, path: string): Finding {
  const [, what = message, advice = "see what is in the way"] =
    /^Cannot mend client store: (.*?\)|.*?): (.*)$/s.exec(message) ?? [];
  return {
    code: "unwritable",
    path,
    what: `cannot be changed: ${what}`,
    meaning: "programs find the clients that are there, but can neither store nor register one",
    advice,
    isMendable: false,
  };
}
