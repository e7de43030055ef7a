/**
 * What the library is to reach, beside what it does.
 *
 * @typedef {import("./pairs.mjs").Figure} Figure
 * @typedef {{ runtime: string, what: string, figure: Figure, atMost?: number, atLeast?: number,
 * unit?: string, times?: { ours: Figure, theirs: Figure } }} Row A ratio is that of the two `times`.
 */

const COLD = {
  node: { fastest: "data_store", ofPeer: 0.45, whole: 1.15 },
  deno: { fastest: "lowdb", ofPeer: 0.15, whole: 1.15 },
  bun: { fastest: "data_store", ofPeer: 0.65, whole: 1.85 },
};
const FASTER_THAN_CONF = { 10: 2.5, 100: 12, 10_000: 1000 };
/** Of a file system that keeps its promises; on tmpfs a lock file alone takes more. */
const BY_HAND = "written by hand, unlocked, with the same flushes";
const STORE = {
  by_hand_node: [1.5, BY_HAND],
  by_hand_deno: [1.5, BY_HAND],
  proper_lockfile: [0.55, "proper-lockfile + write-file-atomic"],
  write_file_atomic: [1, "write-file-atomic, unlocked"],
};
const SIZE = 40_000;

/** Tells whether a row reaches its target; `undefined` where it has none. */
export function isMet({ figure, atMost, atLeast }) {
  if (atMost === undefined && atLeast === undefined) return undefined;
  return figure.median <= (atMost ?? Infinity) &&
    figure.median >= (atLeast ?? -Infinity);
}

/** @returns {Row[]} */
export function rowsOf({ runtimes, size }) {
  const rows = Object.entries(runtimes).flatMap((
    [runtime, { cold, warm, store, contention, remote, remoteTenants, remotePeers }],
  ) =>
    [
      ...(cold ? coldRows(runtime, cold) : []),
      ...(warm ?? []).flatMap(warmRows),
      ...(store ?? []).map(storeRow),
      ...(contention ?? []).flatMap(contentionRows),
      ...(remote ?? []).flatMap(remoteRows),
      ...(remoteTenants ?? []).flatMap(remoteTenantRows),
      ...(remotePeers ?? []).flatMap(remotePeerRows),
    ].map((row) => ({ runtime, ...row }))
  );
  const bytes = (what, count) => ({
    runtime: "all",
    what,
    figure: exactly(count),
    atMost: SIZE,
    unit: "bytes",
  });
  return [
    ...rows,
    bytes(
      "size of . with what it imports, as installed, comments included",
      size.atStart.bytes,
    ),
    bytes(
      "size of . with all that it may load later, minified",
      size.all.minified,
    ),
  ];
}

function coldRows(runtime, { variants }) {
  const { fastest, ofPeer, whole } = COLD[runtime];
  const our = variants.find(({ id }) => id === "client_store");
  const rows = [{
    what: "cold start: whole process / bare runtime",
    figure: our.whole,
    atMost: whole,
  }];
  const bundled = variants.filter(({ id }) => id.startsWith("bundled"));
  rows.push(...bundled.map(({ name, whole: figure }) => ({
    what: `cold start, ${name.replace(`${our.name}, `, "")}: whole process / bare runtime`,
    figure,
    atMost: whole,
  })));
  const peer = variants.find(({ id }) => id === fastest);
  if (!peer) return rows;
  const what = `cold start: our overhead / that of ${peer.name}`;
  return [{ what, figure: peer.ours, atMost: ofPeer }, ...rows];
}

function warmRows({ count, stat, first, hits, conf }) {
  const of = `${count.toLocaleString("en")} issuer${count === 1 ? "" : "s"}`;
  const rows = [{
    what: `warm lookup, ${of}: ours / stat`,
    figure: stat.ratio,
    times: stat,
    atMost: 1.3,
  }, {
    what: `getOrRegister that hits, ${of}: ours / lookup`,
    figure: hits.ratio,
    times: hits,
    atMost: 1.5,
  }];
  if (conf && FASTER_THAN_CONF[count]) {
    rows.push({
      what: `warm lookup, ${of}: conf / ours`,
      figure: conf.ratio,
      times: conf,
      atLeast: FASTER_THAN_CONF[count],
    });
  }
  if (count === 10_000) {
    rows.push({
      what: `first lookup, ${of}: ours / readFileSync + JSON.parse`,
      figure: first.ratio,
      times: first,
      atMost: 1.15,
    });
  }
  return rows;
}

function storeRow({ place, count, id, peer, ratio, ours, theirs }) {
  const of = `store, ${place}, ${count.toLocaleString("en")} issuers`;
  const measured = { figure: ratio, times: { ours, theirs } };
  if (id.endsWith("_locked")) {
    // What a library that names the owner in its lock file cannot do better than.
    return {
      what: `${of}: by hand with a lock file that nobody reads / without`,
      ...measured,
    };
  }
  if (id.endsWith("_together")) {
    return {
      what: `${count} stores at once / 25 one after the other, ${place}`,
      ...measured,
      atMost: 1,
    };
  }
  const [bound, name] = STORE[peer];
  const atMost = place === "tmpfs" && name === BY_HAND ? undefined : bound;
  const which = id === "client_store_afresh" ? ", first store" : "";
  return { what: `${of}${which}: ours / ${name}`, ...measured, atMost };
}

function contentionRows({ processes, peers }) {
  const our = peers.find(({ id }) => id === "client_store");
  const of = `${processes} process${processes === 1 ? "" : "es"} storing`;
  const bad = our.lost + our.torn + our.errors;
  const rows = [{
    what: `${of}: lost, torn and failed of ${our.stored} stores`,
    figure: exactly(bad),
    atMost: 0,
  }];
  // A peer that keeps as much: the same two flushes.
  const flushed = peers.find(({ id }) => id === "proper_lockfile_flushed");
  if (flushed) {
    rows.push({ what: `${of}: our stores per second / ${flushed.name}`, figure: flushed.ours });
  }
  const peer = peers.find(({ id }) => id === "proper_lockfile");
  if (!peer) return rows;
  return [
    ...rows,
    {
      what: `${of}: our stores per second / ${peer.name}`,
      figure: peer.ours,
      atLeast: 1.8,
    },
    {
      what: `${of}: our longest wait / ${peer.name}`,
      figure: peer.oursLongest,
      atMost: 1,
    },
  ];
}

function remoteRows({ name, lookup, stored, contention, lost }) {
  return [
    {
      what: `${name}: lookup / bare read over the same driver`,
      figure: lookup,
      atMost: 1.25,
    },
    {
      what: `${name}: store / bare upsert over the same driver`,
      figure: stored,
      atMost: 1.8,
    },
    {
      what: `${name}: 16 workers on one issuer / their bare upserts on 16`,
      figure: contention,
      atLeast: 0.1,
    },
    {
      what: `${name}: updates lost by 16 workers on one issuer`,
      figure: exactly(lost),
      atMost: 0,
    },
  ];
}

function remoteTenantRows({ name, lookup, issuers, perIssuer }) {
  return [
    ...lookup.map(({ tenants, ratio }) => ({
      what: `${name}: lookup, ${tenants.toLocaleString("en")} tenants / 1 tenant`,
      figure: ratio,
      atMost: 1.2,
    })),
    {
      what: `${name}: list() of ${issuers.toLocaleString("en")} issuers, µs for each`,
      figure: perIssuer,
      unit: "µs",
    },
  ];
}

function remotePeerRows({ name, isOurs, updates, lost, registrations }) {
  return [
    {
      what: `${name}: updates lost of ${updates} by 16 processes`,
      figure: exactly(lost),
      ...isOurs && { atMost: 0 },
    },
    {
      what: `${name}: registrations by 16 processes`,
      figure: exactly(registrations),
      ...isOurs && { atMost: 1 },
    },
  ];
}

function exactly(value) {
  return { median: value, low: value, high: value, count: 1 };
}
