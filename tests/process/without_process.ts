// Looks up and stores on Deno, where the first touch of `process` costs more than all of it.
Object.defineProperty(globalThis, "process", {
  get() {
    throw new Error("process was touched");
  },
});
const { lookup, openClientStore } = await import("@oauth2/client-store");
const path = openClientStore().path;
await lookup("https://auth.example");
await openClientStore({ path }).store("https://auth.example", { client_id: "abc123" });
const found = await lookup("https://auth.example");
console.log(JSON.stringify({ client_id: found?.client_id }));
