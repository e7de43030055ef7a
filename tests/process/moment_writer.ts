// Stores one client after another, every second one with metadata, which tells it from all others.
import { openClientStore } from "@oauth2/client-store";

const [path = "", changes = "1000"] = process.argv.slice(2);
const store = openClientStore({ path });
for (let n = 0; n < Number(changes); n++) {
  await store.store("https://auth.example", {
    client_id: `${n}`,
    ...(n % 2 === 0 ? { scope: `${n}` } : {}),
  });
}
