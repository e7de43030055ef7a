export function open(directory) {
  const path = `${directory}/registered.json`;
  const read = () => JSON.parse(Deno.readTextFileSync(path));
  return {
    lookup: (issuer) => read()[issuer],
    stat: () => Deno.statSync(path),
    store(issuer, client) {
      const clients = read();
      clients[issuer] = client;
      const bytes = new TextEncoder().encode(JSON.stringify(clients, null, 2));
      const file = Deno.openSync(`${path}.tmp`, {
        write: true,
        create: true,
        truncate: true,
        mode: 0o600,
      });
      for (let at = 0; at < bytes.length;) {
        at += file.writeSync(bytes.subarray(at));
      }
      file.syncSync();
      file.close();
      Deno.renameSync(`${path}.tmp`, path);
      const folder = Deno.openSync(directory);
      folder.syncSync();
      folder.close();
    },
  };
}
