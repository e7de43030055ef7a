// Hosts for the tests: network namespaces, each with a cable of its own to this machine.
import { execFileSync } from "node:child_process";

const ip = (...args) => execFileSync("ip", args, { stdio: "ignore" });

/**
 * A host, as the tests see it.
 *
 * @typedef {{
 *   address: string, command: readonly string[], cut(): void, mend(): void, end(): void
 * }} Host The address is that of this machine, as the host sees it; the command runs another one there.
 */

/** Connects a host of this number to the machine. */
function connectHost(number) {
  const name = `ocs${process.pid}h${number}`;
  // Addresses that are kept free for tests (RFC 2544), four for each cable.
  const block = (process.pid * 4 + number) % 32_768;
  const of = (last) => `198.${18 + (block >> 14)}.${(block >> 6) & 255}.${(block & 63) * 4 + last}`;
  const end = () => ip("netns", "delete", name);
  ip("netns", "add", name);
  try {
    ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("address", "add", `${of(1)}/30`, "dev", name);
    ip("link", "set", name, "up");
    ip("-n", name, "address", "add", `${of(2)}/30`, "dev", "eth0");
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "link", "set", "eth0", "up");
  } catch (error) {
    end();
    throw error;
  }
  return {
    address: of(1),
    command: ["ip", "netns", "exec", name],
    cut: () => ip("link", "set", name, "down"),
    mend: () => ip("link", "set", name, "up"),
    end,
  };
}

/**
 * Starts so many hosts; none where this machine does not allow it.
 *
 * @param {number} count
 * @returns {Host[]}
 */
export function startHosts(count) {
  const hosts = [];
  try {
    for (let number = 0; number < count; number++) hosts.push(connectHost(number));
    return hosts;
  } catch {
    for (const host of hosts) host.end();
    return []; // only root may, and not in every container
  }
}

/** Whether this machine allows it. */
export function canHaveHosts() {
  const hosts = startHosts(1);
  for (const host of hosts) host.end();
  return hosts.length > 0;
}
