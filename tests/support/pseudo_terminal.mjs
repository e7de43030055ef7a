// Runs commands on a pseudo-terminal, by the `script` of util-linux.
import { spawn, spawnSync } from "node:child_process";

const version = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "";

/** Why there is no pseudo-terminal here; `false` where there is one. */
export const noTerminal = version.includes("util-linux") ? false : "no script of util-linux here";

const quoted = (argument) => `'${argument.replaceAll("'", "'\\''")}'`;

/**
 * Runs a command on a terminal; resolves to its exit code and all that the terminal was sent.
 *
 * @param {readonly string[]} command
 * @param {{ columns?: number, env?: Record<string, string | undefined>, input?: string, cwd?: string }} options
 * `input` is typed at once.
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export function runOnTerminal(command, { columns = 80, env = {}, input = "", cwd } = {}) {
  const line = `stty cols ${columns} rows 24 -echo; exec ${command.map(quoted).join(" ")}`;
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd,
      env: { ...process.env, SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
    });
    let output = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (data) => output += data);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: output.replaceAll("\r\n", "\n") }));
    // Its end would be typed as ^D, so it comes with the end of the command only.
    child.stdin.on("error", () => {});
    child.stdin.write(input);
    child.on("exit", () => child.stdin.end());
  });
}
