// Stores a client, asks for another one, looks up both, and prints what came of it. What the second
// argument names is refused by the file system: "chmod", "chmod at all" (it is not implemented), "modes"
// (chmod is ignored), "flush". The third is what a shell is to do in between.
import process from "node:process";

const [path = "", refused = "", between = ""] = globalThis.Deno?.args ?? process.argv.slice(2);

/** An error as the system makes it. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function refuse(code: string) {
  return (): never => {
    throw systemError(code);
  };
}

/** Shows another mode than the one that was asked for. */
// deno-lint-ignore no-explicit-any
function showingAnotherMode(look: any): any {
  // deno-lint-ignore no-explicit-any
  return (...args: any[]) => {
    const info = look(...args);
    if (info) info.mode = info.mode | 0o755;
    return info;
  };
}

const isDeno = "Deno" in globalThis;
// deno-lint-ignore no-explicit-any
const native: any = isDeno ? Deno : process.getBuiltinModule("node:fs");
if (refused === "chmod") {
  for (const name of ["chmodSync", "fchmodSync"]) if (native[name]) native[name] = refuse("EPERM");
}
if (refused === "chmod at all") {
  // Deno has no code for it.
  const { errno } = process.getBuiltinModule("node:os").constants;
  const message = `Function not implemented (os error ${errno.ENOSYS})`;
  const fail = () => {
    throw isDeno ? new Error(message) : systemError("ENOSYS");
  };
  for (const name of ["chmodSync", "fchmodSync"]) if (native[name]) native[name] = fail;
}
if (refused.startsWith("chmod") || refused === "modes") {
  for (const name of ["statSync", "lstatSync", "fstatSync"]) {
    if (native[name]) native[name] = showingAnotherMode(native[name]);
  }
}
if (refused === "flush") {
  const { fstatSync, fsyncSync } = native;
  if (isDeno) {
    const flush = Deno.FsFile.prototype.syncSync;
    Deno.FsFile.prototype.syncSync = function () {
      try {
        this.readSync(new Uint8Array(1));
      } catch {
        throw systemError("EINVAL");
      }
      flush.call(this);
    };
  } else {
    native.fsyncSync = (fd: number) => {
      if (fstatSync(fd).isDirectory()) throw systemError("EINVAL");
      fsyncSync(fd);
    };
  }
}

const { openClientStore } = await import("@oauth2/client-store");
const warnings: string[] = [];
const store = openClientStore({
  ...(path === "" ? {} : { path }),
  warn: (message) => warnings.push(message),
});

async function outcome(attempt: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await attempt() ?? "done");
  } catch (error) {
    return String(error);
  }
}

let requests = 0;
const register = () => ({ client_id: `registered-${++requests}`, scope: "a" });
const stored = await outcome(() =>
  store.store("https://auth.example", { client_id: "stored", scope: "a" })
);
if (between !== "") {
  const { execFileSync } = await import("node:child_process");
  execFileSync("sh", ["-ec", between]);
}
const asked = await outcome(() => store.getOrRegister("https://other.example", register));
const found = await store.lookup("https://auth.example");
console.log(JSON.stringify({ stored, asked, requests, found: found?.client_id, warnings }));
