/**
 * What is measured: a name for the reader, and the file that uses it as its own README says.
 *
 * Each file exports `open(directory)`, which gives `lookup(issuer)` and `store(issuer, client)`.
 *
 * @typedef {{ id: string, name: string }} Peer
 */

/** @type {Peer} */
export const ours = {
  id: "client_store",
  name: "@oauth2/client-store",
};

/** @type {Peer[]} */
export const peers = [
  { id: "data_store", name: "data-store" },
  { id: "lowdb", name: "lowdb" },
  { id: "unstorage", name: "unstorage (fs)" },
  { id: "configstore", name: "configstore" },
  { id: "conf", name: "conf" },
  {
    id: "msal",
    name: "msal-node-extensions",
  },
  {
    id: "mcp_remote_way",
    name: "mcp-remote's way (readFile + zod)",
  },
  {
    id: "write_file_atomic",
    name: "write-file-atomic",
  },
  {
    id: "proper_lockfile",
    name: "proper-lockfile (retries) + write-file-atomic",
  },
  {
    id: "proper_lockfile_flushed",
    name: "proper-lockfile (retries) + write-file-atomic + a flush of the directory",
  },
  {
    id: "proper_lockfile_defaults",
    name: "proper-lockfile (defaults) + write-file-atomic",
  },
];

/** What a program would write by itself, with what is native to its runtime. */
export function byHand(runtime) {
  return { id: `by_hand_${runtime}`, name: "by hand" };
}
