import fs from "node:fs";

export function open(directory) {
  const path = `${directory}/registered.json`;
  const read = () => JSON.parse(fs.readFileSync(path, "utf8"));
  return {
    lookup: (issuer) => read()[issuer],
    stat: () => fs.statSync(path),
    store(issuer, client) {
      const clients = read();
      clients[issuer] = client;
      const file = fs.openSync(`${path}.tmp`, "w", 0o600);
      fs.writeFileSync(file, JSON.stringify(clients, null, 2));
      fs.fsyncSync(file);
      fs.closeSync(file);
      fs.renameSync(`${path}.tmp`, path);
      const folder = fs.openSync(directory, "r");
      fs.fsyncSync(folder);
      fs.closeSync(folder);
    },
  };
}
