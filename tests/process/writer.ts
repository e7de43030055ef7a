// Stores issuers of its own, one after the other, and acknowledges each on a line of its own.
import { store } from "@oauth2/client-store";

const [name = "writer", count = "1"] = globalThis.Deno?.args ?? process.argv.slice(2);

for (let n = 0; n < Number(count); n++) {
  const issuer = `https://${name}-${n}.example`;
  const started = performance.now();
  try {
    await store(issuer, { client_id: `${name}-${n}` });
    console.log(JSON.stringify({ issuer, milliseconds: Math.round(performance.now() - started) }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
