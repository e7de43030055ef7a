// Replaces a registered.json by ones of the same size, as fast as it can: by one rename, by two, so
// that the inode comes back, and in place.
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";

const [path, changes] = process.argv.slice(2);
const text = (n) =>
  JSON.stringify({ "https://auth.example": { client_id: String(n).padStart(8, "0") } });

function replace(n) {
  writeFileSync(`${path}.new`, text(n));
  renameSync(`${path}.new`, path);
}

function overwrite(n) {
  const file = openSync(path, "r+");
  writeSync(file, text(n));
  closeSync(file);
}

for (let n = 1; n <= Number(changes); n++) {
  if (n % 10 === 0) overwrite(n);
  else replace(n);
}
