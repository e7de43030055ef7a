// A stand-in for the registries JSR and npm on loopback: the meta.json protocol that `jsr:`
// specifiers speak, and the packuments and tarballs that npm clients ask for.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

/** One name of a package in the npm layer of JSR: `@std/path` is `@jsr/std__path`. */
export const npmNameOf = (name) => `@jsr/${name.slice(1).replace("/", "__")}`;

const sha = (algorithm, data, encoding) => createHash(algorithm).update(data).digest(encoding);

/** The header of a file in a tar archive. */
function tarHeader(name, size) {
  const header = Buffer.alloc(512);
  const fields = [[0, name], [100, "0000644\0"], [108, "0000000\0"], [116, "0000000\0"]];
  fields.push([124, size.toString(8).padStart(11, "0") + "\0"], [136, "00000000000\0"]);
  fields.push([148, "        "], [156, "0"], [257, "ustar\0" + "00"]);
  for (const [at, text] of fields) header.write(text, at, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(sum.toString(8).padStart(6, "0") + "\0 ", 148, "latin1");
  return header;
}

/** The tarball of a package: its files by path. */
export function tarball(files) {
  const parts = [];
  for (const [path, text] of Object.entries(files)) {
    const data = Buffer.from(text);
    const padding = Buffer.alloc((512 - data.length % 512) % 512);
    parts.push(tarHeader(`package/${path}`, data.length), data, padding);
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

/** What `jsr:` specifiers are resolved with: the answers below `/<name>/` by path. */
function jsrAnswers({ name, version, exports, files }) {
  const [scope, plain] = name.slice(1).split("/");
  const manifest = {};
  const answers = {
    "meta.json": JSON.stringify({
      scope,
      name: plain,
      latest: version,
      versions: { [version]: {} },
    }),
  };
  for (const [path, text] of Object.entries(files)) {
    manifest[`/${path}`] = {
      size: Buffer.byteLength(text),
      checksum: `sha256-${sha("sha256", text, "hex")}`,
    };
    answers[`${version}/${path}`] = text;
  }
  answers[`${version}_meta.json`] = JSON.stringify({ manifest, exports });
  return answers;
}

/** What npm asks for: the packument of a package, and its tarball. */
function npmAnswers({ packageJson, tgz }, url) {
  const { name, version } = packageJson;
  const path = `/-/${name.replace("/", "+")}-${version}.tgz`;
  const dist = {
    tarball: `${url}${path}`,
    integrity: `sha512-${sha("sha512", tgz, "base64")}`,
    shasum: sha("sha1", tgz, "hex"),
  };
  const packument = {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...packageJson, dist } },
  };
  return { [`/${name}`]: JSON.stringify(packument), [path]: tgz };
}

/**
 * Serves packages on loopback until it is closed.
 *
 * @param {object} packages What is there.
 * @param {object[]} packages.jsr `{ name, version, exports, files }` each, with `files` by path.
 * @param {object[]} packages.npm `{ packageJson, tgz }` each.
 * @returns {Promise<{ url: string, env: object, requests: string[], close(): Promise<void> }>} `env` is
 * what sends Deno, npm and Bun there; `requests` what they asked for.
 */
export async function startRegistry({ jsr = [], npm = [] }) {
  const answers = new Map();
  const requests = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://127.0.0.1").pathname);
    requests.push(path);
    const answer = answers.get(path);
    const type = path.endsWith(".ts")
      ? "text/typescript"
      : path.endsWith(".js")
      ? "text/javascript"
      : path.endsWith(".tgz")
      ? "application/octet-stream"
      : "application/json";
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": type });
    response.end(answer ?? "{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  for (const one of jsr) {
    for (const [path, text] of Object.entries(jsrAnswers(one))) {
      answers.set(`/${one.name}/${path}`, text);
    }
  }
  for (const one of npm) {
    for (const [path, data] of Object.entries(npmAnswers(one, url))) answers.set(path, data);
  }
  return {
    url,
    requests,
    env: {
      JSR_URL: `${url}/`,
      NPM_CONFIG_REGISTRY: `${url}/`,
      npm_config_registry: `${url}/`,
      BUN_CONFIG_REGISTRY: `${url}/`,
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}
