// Stores a few clients, one after the other, on a disk whose flush takes long.
import { openClientStore } from "@oauth2/client-store";
import { realRuntime } from "../support/places.ts";

const [name = "slow", count = "1", flush = "0", lockTimeout = "10000"] = process.argv.slice(2);

const { fs, ...runtime } = realRuntime({ XDG_CONFIG_HOME: process.env.XDG_CONFIG_HOME ?? "" });
const slowly: typeof fs = {
  ...fs,
  createFile(path, data, mode, isFlushed, ...rest) {
    fs.createFile(path, data, mode, isFlushed, ...rest);
    // Like a flush, it keeps the whole process.
    if (isFlushed) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(flush));
  },
};
const store = openClientStore({
  runtime: { ...runtime, fs: slowly },
  lockTimeout: Number(lockTimeout),
});
for (let n = 0; n < Number(count); n++) {
  await store.store(`https://${name}-${n}.example`, { client_id: `${name}-${n}` });
}
