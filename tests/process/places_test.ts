import { test } from "node:test";
import { execFileSync } from "node:child_process";
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bun, commandFor, node, run } from "../support/runtimes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = fileURLToPath(new URL("attempt.ts", import.meta.url));
const RUNTIMES = ["deno", "bun", "node"];
const isRoot = process.getuid?.() === 0;
const isOnWindows = process.platform === "win32"; // which has no modes, no flush of directories, no links

interface Outcome {
  stored: string;
  asked: string;
  requests: number;
  found?: string;
  warnings: string[];
}

const ALL_IS_WELL = {
  stored: `"done"`,
  asked: `{"client_id":"registered-1","scope":"a"}`,
  requests: 1,
  found: "stored",
  warnings: [],
};

/** Whether file systems can be mounted where nobody else sees them. */
const canMount = (() => {
  try {
    execFileSync("unshare", ["-rm", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** File systems without modes: how each is made and mounted, by the kernel or by a program. */
const IMAGES: { [type: string]: { make: string; mount: string } } = {
  vfat: { make: "mkfs.vfat", mount: "mount -o loop -t vfat image at" },
  exfat: {
    make: "mkfs.exfat",
    mount: "mount -o loop -t exfat image at || {" +
      " device=$(losetup -f --show image); mount.exfat-fuse $device at; losetup -d $device; }",
  },
  ntfs: {
    make: "mkfs.ntfs -F -Q -q",
    mount: "mount -o loop -t ntfs3 image at || ntfs-3g image at",
  },
};

/** The script that makes and mounts a file system as `at` in a directory that is there. */
function mounting(type: string, directory: string): string {
  const { make, mount } = IMAGES[type] ?? { make: "", mount: "" };
  return `(cd "${directory}"; truncate -s 64M image; mkdir at
    { ${make} image; ${mount}; } >/dev/null 2>&1)`;
}

/** Whether this machine has it: the loop devices take root, the rest what is installed. */
function canMountImage(type: string): boolean {
  const directory = mkdtempSync(join(tmpdir(), "client-store-image-"));
  try {
    const script = mounting(type, directory);
    execFileSync("unshare", ["-m", "sh", "-ec", script], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function withHome(trial: (home: string) => Promise<void>) {
  return async () => {
    const home = mkdtempSync(join(tmpdir(), "client-store-places-"));
    try {
      await trial(home);
    } finally {
      rmSync(home, { recursive: true });
    }
  };
}

/** Runs the program, `before` it a shell script where file systems may be mounted. */
async function attempt(
  runtime: string,
  home: string,
  { args = [""], permissions, script, setUp = "", unshare = "-rm" }: {
    args?: string[];
    permissions?: string[];
    script?: string;
    setUp?: string;
    unshare?: "-rm" | "-m";
  },
): Promise<Outcome> {
  const command = [...commandFor(runtime, script ?? PROGRAM, permissions), ...args];
  const mounted = ["unshare", unshare, "sh", "-ec", `${setUp}\nexec "$@"`, "sh", ...command];
  const env = { HOME: home, XDG_CONFIG_HOME: "", USERPROFILE: "" };
  const { output } = await run(setUp === "" ? command : mounted, { cwd: root, env });
  const line = output.trim().split("\n").findLast((line: string) => line.startsWith("{"));
  assert(line, output);
  return JSON.parse(line);
}

for (const runtime of RUNTIMES) {
  for (const refused of ["chmod", "chmod at all", "modes", "flush"]) {
    test(
      `${runtime} stores where the file system has no ${refused}`,
      { skip: isOnWindows },
      withHome(async (home) => {
        const { warnings, ...rest } = await attempt(runtime, home, { args: ["", refused] });
        assertEquals({ ...rest, warnings: [] }, ALL_IS_WELL);
        assertEquals(warnings.length, refused === "flush" ? 0 : 1, warnings.join("\n"));
        if (refused !== "flush") assertStringIncludes(warnings[0] ?? "", "Others may read");
      }),
    );
  }

  test(
    `${runtime} finds out that a file is mounted by itself before it asks a server`,
    { skip: !canMount },
    withHome(async (home) => {
      const directory = join(home, ".config", "ocamlgpt");
      const file = join(directory, "registered.json");
      mkdirSync(directory, { recursive: true });
      writeFileSync(file, "{}\n");
      const setUp = `mount --bind "${file}" "${file}"`;
      const { stored, asked, requests } = await attempt(runtime, home, { setUp });
      for (const said of [stored, asked]) {
        assertStringIncludes(said, "(EBUSY)");
        assertStringIncludes(said, "mount its directory instead");
      }
      assertEquals(requests, 0);
    }),
  );

  test(
    `${runtime} keeps the old file where the disk is full`,
    { skip: !canMount },
    withHome(async (home) => {
      const directory = join(home, ".config", "ocamlgpt");
      mkdirSync(directory, { recursive: true });
      const setUp = `mount -t tmpfs -o size=16k,mode=700 tmpfs "${directory}"
        echo '{"https://auth.example":{"client_id":"stored"}}' > "${directory}/registered.json"
        cat /dev/zero > "${directory}/ballast" 2>/dev/null || true`;
      const { stored, asked, requests, found } = await attempt(runtime, home, { setUp });
      for (const said of [stored, asked]) assertStringIncludes(said, "the disk is full");
      assertEquals([requests, found], [0, "stored"]);
    }),
  );

  test(
    `${runtime} says that a file system is read-only`,
    { skip: !canMount },
    withHome(async (home) => {
      const directory = join(home, ".config", "ocamlgpt");
      mkdirSync(directory, { recursive: true });
      const setUp = `mount -t tmpfs tmpfs "${directory}" && mount -o remount,ro "${directory}"`;
      const { stored, asked, requests } = await attempt(runtime, home, { setUp });
      for (const said of [stored, asked]) assertStringIncludes(said, "(EROFS)");
      assertEquals(requests, 0);
    }),
  );

  test(
    `${runtime} says that a file system has become read-only in the middle`,
    { skip: !canMount },
    withHome(async (home) => {
      const directory = join(home, ".config", "ocamlgpt");
      mkdirSync(directory, { recursive: true });
      const setUp = `mount -t tmpfs tmpfs "${directory}"`;
      const args = ["", "", `mount -o remount,ro "${directory}"`];
      const { stored, asked, requests, found } = await attempt(runtime, home, { args, setUp });
      assertStringIncludes(asked, "(EROFS)");
      assertEquals([stored, requests, found], [ALL_IS_WELL.stored, 0, "stored"]);
    }),
  );

  test(
    `${runtime} stores where a file system is laid over another one`,
    { skip: !canMount },
    withHome(async (home) => {
      const directory = join(home, ".config", "ocamlgpt");
      const [below, above] = ["below", "above"].map((name) => join(home, name)) as [string, string];
      for (const layer of [below, above]) mkdirSync(layer);
      mkdirSync(directory, { recursive: true });
      const registry = JSON.stringify({ "https://below.example": { client_id: "below" } });
      writeFileSync(join(below, "registered.json"), registry);
      const setUp = `mount -t tmpfs tmpfs "${above}" && mkdir "${above}/new" "${above}/work"
        layers="lowerdir=${below},upperdir=${above}/new,workdir=${above}/work"
        mount -t overlay overlay -o "$layers" "${directory}"`;
      // What is below is still there once it is replaced.
      const args = ["", "", `grep -q below "${directory}/registered.json"`];
      assertEquals(await attempt(runtime, home, { args, setUp }), ALL_IS_WELL);
      assertEquals(readFileSync(join(below, "registered.json"), "utf8"), registry);
    }),
  );

  test(
    `${runtime} run by root leaves a user's files to the user`,
    { skip: !isRoot },
    withHome(async (home) => {
      chownSync(home, 1234, 2345);
      assertEquals(await attempt(runtime, home, {}), ALL_IS_WELL);
      const owners = [
        "",
        "ocamlgpt",
        "ocamlgpt/registered.json",
        "ocamlgpt/registered.metadata.json",
      ]
        .map((name) => statSync(join(home, ".config", name)))
        .map(({ uid, gid, mode }) => [uid, gid, mode & 0o077]);
      assertEquals(owners, owners.map(() => [1234, 2345, 0]));
    }),
  );
}

for (const type of Object.keys(IMAGES)) {
  const canMountIt = isRoot && canMountImage(type);
  for (const runtime of RUNTIMES) {
    test(
      `${runtime} stores on ${type}`,
      { skip: !canMountIt },
      withHome(async (home) => {
        const setUp = mounting(type, home);
        const { warnings, ...rest } = await attempt(runtime, join(home, "at"), {
          setUp,
          unshare: "-m",
        });
        assertEquals({ ...rest, warnings: [] }, ALL_IS_WELL);
        assertStringIncludes(warnings[0] ?? "", "Others may read");
      }),
    );
  }
}

for (const mayAsk of [false, true]) {
  test(
    `deno run by root ${
      mayAsk ? "with leave to" : "names the flag that it takes to"
    } ask whose the home is, where there is no ~/.config yet`,
    { skip: !isRoot },
    withHome(async (home) => {
      chownSync(home, 1234, 2345);
      const config = join(home, ".config");
      const permissions = [
        "--allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE",
        `--allow-read=${mayAsk ? home : config}`,
        `--allow-write=${config}`,
      ];
      const { warnings, ...rest } = await attempt("deno", home, { permissions });
      assertEquals({ ...rest, warnings: [] }, ALL_IS_WELL);
      assertEquals(statSync(config).uid, mayAsk ? 1234 : 0);
      assertEquals(warnings.length, mayAsk ? 0 : 1, warnings.join("\n"));
      if (mayAsk) return;
      const told = `cannot read "${home}" (EACCES): run with --allow-read=`;
      assertStringIncludes(warnings[0] ?? "", told);
    }),
  );
}

for (const [name, link] of [["the home", ""], ["~/.config", ".config"]] as const) {
  for (const isRoots of isRoot ? [false, true] : [false]) {
    test(
      `deno stores with the flags of the README where ${name} is a link${
        isRoots ? " and root runs it" : ""
      }, and never asks`,
      { skip: isOnWindows },
      withHome(async (home) => {
        const user = join(home, "user");
        mkdirSync(join(home, "real"));
        if (link === "") symlinkSync(join(home, "real"), user);
        else {
          mkdirSync(user);
          symlinkSync(join(home, "real"), join(user, link));
        }
        const config = join(user, ".config");
        mkdirSync(config, { recursive: true }); // whose the home is, these flags do not let it ask
        if (isRoots) chownSync(config, 1234, 2345);
        const permissions = [
          "--allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE",
          `--allow-read=${config}`,
          `--allow-write=${config}`,
        ];
        // What it would ask at a terminal is refused without one.
        assertEquals(await attempt("deno", user, { permissions }), ALL_IS_WELL);
        const { uid } = statSync(join(config, "ocamlgpt", "registered.json"));
        if (isRoots) assertEquals(uid, 1234);
      }),
    );
  }
}

/** The program in one file, so that Node need not be granted what a loader needs. */
async function bundle(directory: string): Promise<string> {
  const outfile = join(directory, "attempt.mjs");
  const options = ["--format=esm", "--target=node", `--outfile=${outfile}`];
  const built = await run([bun, "build", PROGRAM, ...options], { cwd: root });
  assertEquals(built.code, 0, built.output);
  return outfile;
}

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

test(
  "node stores with leave to read and write ~/.config, and no more",
  withHome(async (home) => {
    const script = await bundle(home);
    const config = join(home, ".config");
    mkdirSync(config);
    const granted = [`--allow-fs-read=${script}`, `--allow-fs-read=${config}/`];
    const writing = `--allow-fs-write=${config}/`;
    const env = { HOME: home, XDG_CONFIG_HOME: "", USERPROFILE: "", NODE_NO_WARNINGS: "1" };
    const all = await run([node, permission, ...granted, writing, script], { env });
    assertEquals(JSON.parse(all.output), ALL_IS_WELL);
    const file = join(config, "ocamlgpt", "registered.json");
    if (!isOnWindows) assertEquals(statSync(file).mode & 0o777, 0o600);

    const reading = JSON.parse((await run([node, permission, ...granted, script], { env })).output);
    const directory = `${join(config, "ocamlgpt")}/`;
    assertStringIncludes(reading.stored, `(EACCES): run with --allow-fs-write=${directory}`);
    assertEquals([reading.found, reading.asked], ["stored", ALL_IS_WELL.asked]);

    const bare = JSON.parse(
      (await run([node, permission, ...granted.slice(0, 1), script], { env })).output,
    );
    assertStringIncludes(bare.stored, `run with --allow-fs-read=${directory}`);
    assertEquals([bare.found, bare.requests], [undefined, 0]);
    const named = ["read", "write"].map((what) => `--allow-fs-${what}=${directory}`);
    const least = await run([node, permission, ...granted.slice(0, 1), ...named, script], { env });
    assertEquals(JSON.parse(least.output), { ...ALL_IS_WELL, requests: 0 });
  }),
);

test(
  "deno names the flag that is missing",
  withHome(async (home) => {
    const config = join(home, ".config");
    const granted = ["--allow-env=XDG_CONFIG_HOME,HOME,USERPROFILE", `--allow-read=${config}`];
    const reading = await attempt("deno", home, { permissions: granted });
    const directory = join(config, "ocamlgpt");
    assertStringIncludes(reading.stored, `(EACCES): run with --allow-write=${directory}`);
    const bare = await attempt("deno", home, { permissions: granted.slice(0, 1) });
    assertStringIncludes(bare.stored, `(EACCES): run with --allow-read=${directory}`);
    assertEquals([reading.requests, bare.requests], [0, 0]);
    mkdirSync(directory, { recursive: true });
    const named = ["read", "write"].map((what) => `--allow-${what}=${directory}`);
    const permissions = [...granted.slice(0, 1), ...named];
    assertEquals(await attempt("deno", home, { permissions }), ALL_IS_WELL);
  }),
);
