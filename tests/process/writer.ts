// Stores issuers of its own, one after the other, and acknowledges each on a line of its own: so many,
// or until its input ends.
import { store } from "@oauth2/client-store";

const [name = "writer", count = ""] = globalThis.Deno?.args ?? process.argv.slice(2);

let isAsked = count !== "";
if (count === "") process.stdin.on("end", () => isAsked = true).resume();

for (let n = 0; n < Number(count) || !isAsked; n++) {
  const issuer = `https://${name}-${n}.example`;
  const started = performance.now();
  const told = await store(issuer, { client_id: `${name}-${n}` }).then(
    () => ({ issuer }),
    (error) => ({ code: error.code, error: String(error) }),
  );
  console.log(JSON.stringify({ ...told, milliseconds: Math.round(performance.now() - started) }));
}
