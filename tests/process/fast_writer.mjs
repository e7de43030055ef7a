// Replaces a registered.json by ones of the same size, as fast as it can: by one rename, by two, so
// that the inode comes back, and in place.
import { renameSync, writeFileSync } from "node:fs";

const [path, changes] = process.argv.slice(2);
const text = (n) =>
  JSON.stringify({ "https://auth.example": { client_id: String(n).padStart(8, "0") } });

for (let n = 1; n <= Number(changes); n++) {
  writeFileSync(`${path}.new`, text(n));
  renameSync(`${path}.new`, path);
}
