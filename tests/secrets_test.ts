import { assert } from "@std/assert";
import { behaves } from "./support/behaviours.ts";
import { holds } from "./support/canary.ts";
import { interceptedRuntime, posixError } from "./support/intercepted_runtime.ts";

const ISSUER = "https://auth.example";
const SECRET = "c4nary-s3cret";
const CLIENT = {
  client_id: "x",
  client_secret: SECRET,
  registration_access_token: SECRET,
  registration_client_uri: "https://a.example",
};

behaves(
  "no error and no warning that can be provoked holds a secret",
  async ({ open, place, warnings }) => {
    const told: unknown[] = [];
    const hear = async (action: () => Promise<unknown>) => {
      try {
        await action();
      } catch (error) {
        told.push(error);
      }
    };
    // Wrong arguments around a secret.
    for (
      const wrong of [{ client_id: 7 }, { redirect_uris: SECRET }, { scope: [SECRET] }, {
        client_secret: [SECRET],
      }, { big: 1n }]
    ) {
      await hear(() => open().store(ISSUER, { ...CLIENT, ...wrong } as never));
      await hear(() => open().getOrRegister(ISSUER, () => ({ ...CLIENT, ...wrong }) as never));
    }
    for (
      const credentials of [
        `https://user:${SECRET}@`,
        ` https://user:${SECRET}@`,
        `https://user:pass/${SECRET}@`,
        `//user:${SECRET}@`,
        `1user:${SECRET}@`,
      ]
    ) {
      await hear(() => open().store(`${credentials}auth.example`, CLIENT));
      await hear(() => open().getOrRegister(`${credentials}auth.example`, () => CLIENT));
    }
    await hear(() => open().store(`https://auth.example?token=${SECRET}`, CLIENT));
    await hear(() => open().remove(ISSUER, { secret: SECRET } as never));
    // Every file operation failing, while there are secrets on disk and in the call.
    await open().store(ISSUER, CLIENT);
    for (let failAt = 0; failAt < 30; failAt++) {
      let count = 0;
      const runtime = interceptedRuntime(place.runtime, () => {
        if (count++ === failAt) throw posixError("EIO");
      });
      await hear(() => open({ runtime }).store("https://b.example", CLIENT));
      if (place.exists(`${place.file}.lock`)) place.runtime.fs.remove(`${place.file}.lock`);
    }
    assert(told.length > 20, `${told.length}`);
    // Damaged files, whose text a parser would quote.
    for (
      const text of [
        `{"${ISSUER}": {"client_id": "x", "client_secret": "${SECRET}"`,
        `"${SECRET}"`,
        `{${SECRET}}`,
      ]
    ) {
      place.write(place.file, text);
      place.write(place.file.replace(".json", ".metadata.json"), text);
      await hear(() => open().lookup(ISSUER));
      await hear(() => open().store(ISSUER, CLIENT));
    }
    assert(warnings.length > 3);
    for (const said of [...told, ...warnings]) assert(!holds(said, SECRET), String(said));
  },
);
