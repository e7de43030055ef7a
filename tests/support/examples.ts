/** The programs that pages and doc comments show. */

/** The programs of a page, each whole; one marked `ts ignore` needs what is not here. */
export function programsIn(page: string): string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
}

/** The examples in the doc comments of a source. */
export function examplesIn(source: string): string[] {
  return [...source.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)]
    .map(([, lines = ""]) => lines.replace(/^ *\* ?/gm, ""));
}

/** What a program says that it prints, line by line; `undefined` where it does not say. */
export function printsOf(code: string): string[] | undefined {
  const said = [...code.matchAll(/ \/\/ Prints: (.*)$/gm)].map(([, text = ""]) => text);
  return said.length > 0 ? said : undefined;
}

/** The modules that a program imports. */
export function importsOf(code: string): string[] {
  return [...code.matchAll(/(?:from|import) "([^"]+)"/g)].map(([, name = ""]) => name);
}
