import fs from "node:fs";
import { open as openUnlocked } from "./by_hand_node.mjs";

/** The least that a lock file costs which names its owner: nobody asks whose it is. */
export function open(directory) {
  const lock = `${directory}/registered.json.lock`;
  const unlocked = openUnlocked(directory);
  return {
    store(issuer, client) {
      const file = fs.openSync(lock, "wx", 0o600);
      fs.writeFileSync(file, "by hand");
      fs.closeSync(file);
      unlocked.store(issuer, client);
      fs.unlinkSync(lock);
    },
  };
}
