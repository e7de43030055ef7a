import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { parse, plainValues } from "../../src/cli/arguments.ts";
import { COMMANDS, COMMON } from "../../src/cli/commands.ts";
import { LOAD } from "../../src/cli/load_command.ts";
import { strictValues } from "../../src/cli/strict_arguments.ts";

const words = [
  "--json",
  "--field",
  "--yes",
  "--path",
  "--redirect-uri",
  "--fix",
  "--help",
  "--",
  "-",
  "-h",
  "--path=x",
  "--json=1",
  "--no-json",
  "--constructor",
  "https://auth.example",
  "client_secret",
  "",
  "__proto__",
];

test("arguments in their plainest form are read as parseArgs reads them", () => {
  const argument = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }));
  let plain = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(COMMANDS)),
      fc.array(argument, { maxLength: 4 }),
      (name, args) => {
        const known = { ...COMMON, ...COMMANDS[name]?.options };
        const read = plainValues(args, known);
        if (!read) return;
        plain++;
        let strict: unknown;
        try {
          strict = strictValues(args, known, name);
        } catch (error) {
          // Which operands there must be is looked at in both ways.
          assert(/missing|too many/.test((error as Error).message), (error as Error).message);
          return;
        }
        assertEquals(read, strict);
      },
    ),
    { numRuns: 2000 },
  );
  assert(plain > 100);
});

test("what the table names can be loaded, and nothing else", async () => {
  assertEquals(Object.keys(LOAD), Object.keys(COMMANDS));
  for (const load of Object.values(LOAD)) assertEquals(typeof await load(), "function");
});

test("an option may come before or after the command, with or without =", async () => {
  const expected = { name: "get", operands: ["https://a.example"], options: { json: true } };
  assertEquals(await parse(["get", "https://a.example", "--json"]), expected);
  assertEquals(await parse(["--json", "get", "https://a.example"]), expected);
  const withPath = { ...expected, options: { path: "/x" } };
  assertEquals(await parse(["--path=/x", "get", "https://a.example"]), withPath);
  assertEquals(await parse(["get", "--path", "/x", "https://a.example"]), withPath);
  assertEquals(await parse(["--path", "/x", "get", "https://a.example"]), withPath);
});

test("-h asks for help, also where an argument is missing", async () => {
  assertEquals((await parse(["get", "-h"])).options, { help: true });
  assertEquals((await parse(["-h"])).options, { help: true });
});

for (
  const [args, message] of [
    [["gte", "https://a.example"], 'there is no command "gte"; did you mean "get"?'],
    [["list", "--jsno"], 'there is no option "--jsno"; did you mean "--json"?'],
    [["list", "--redirect-uri", "x"], 'there is no option "--redirect-uri"'],
    [["get"], "ISSUER is missing"],
    [["get", "a", "b"], '"b" is one argument too many'],
    [["get", "a", "--field"], 'option "--field" needs a value'],
    [["list", "--json=yes"], 'option "--json" takes no value'],
    [["list", "-x"], 'there is no option "-x".'],
    [["xyzzy"], 'there is no command "xyzzy".'],
  ] as const
) {
  test(`the arguments "${args.join(" ")}" are refused: ${message}`, async () => {
    const error = await assertRejects(() => parse(args), Error) as Error & { exitCode: number };
    assert(error.message.includes(message), error.message);
    assertEquals(error.exitCode, 2);
  });
}
