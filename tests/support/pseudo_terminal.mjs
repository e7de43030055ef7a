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
 * @param {{ columns?: number, env?: Record<string, string | undefined>, input?: string, reply?: readonly [question: string, answer: string], cwd?: string }} options
 * `input` is typed at once, a `reply` when the question is there; with 0 columns the terminal does not know its width, as that of `script`.
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export function runOnTerminal(command, { columns = 80, env = {}, input = "", reply, cwd } = {}) {
  const size = columns > 0 ? `cols ${columns} rows 24` : "cols 0 rows 0";
  const line = `stty ${size} -echo; exec ${command.map(quoted).join(" ")}`;
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd,
      env: { ...process.env, SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
    });
    let output = "";
    child.stdout.setEncoding("utf8");
    let isReplied = reply === undefined;
    child.stdout.on("data", (data) => {
      output += data;
      if (isReplied || !output.includes(reply[0])) return;
      isReplied = true;
      child.stdin.write(reply[1]);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: output.replaceAll("\r\n", "\n") }));
    // Its end would be typed as ^D, so it comes with the end of the command only.
    child.stdin.on("error", () => {});
    child.stdin.write(input);
    child.on("exit", () => child.stdin.end());
  });
}
