/** Where an address is, seen from us: the farthest first. */
const PLACES = ["internet", "private network", "link", "this machine"] as const;

/** Where an address is: on the internet, a private network, the same link, or this machine. */
export type Place = typeof PLACES[number];

/**
 * Where the host of a URL is, as far as its name tells: in any spelling, for the URL parser has made
 * one of all of them (`127.1`, `0x7f000001`, `2130706433`). What a name resolves to is not known.
 */
export function placeOf({ hostname }: URL): Place {
  if (hostname.startsWith("[")) return placeOfIPv6(groupsOf(hostname.slice(1, -1)));
  if (/^\d+(\.\d+){3}$/.test(hostname)) return placeOfIPv4(hostname.split(".").map(Number));
  const name = hostname.replace(/\.+$/, "");
  // RFC 6761, section 6.3, and what is in the hosts file of most systems.
  if (/(^|\.)localhost$|^localhost\.localdomain$|^ip6-(localhost|loopback)$/.test(name)) {
    return "this machine";
  }
  // A name without a dot, as of a container, is known on a private network only.
  return !name.includes(".") || /\.(local|internal|home\.arpa)$/.test(name)
    ? "private network"
    : "internet";
}

/** Tells whether what lies at `from` may send us to `to`: never to what is nearer to us than itself. */
export function mayLeadTo(from: URL, to: URL): boolean {
  return PLACES.indexOf(placeOf(to)) <= PLACES.indexOf(placeOf(from));
}

/** Special addresses (RFC 6890), by their first bytes and how many bits of those count. */
const IPV4: readonly [bytes: readonly number[], bits: number, place: Place][] = [
  [[0], 8, "this machine"],
  [[127], 8, "this machine"],
  [[169, 254], 16, "link"],
  [[224], 4, "link"],
  [[240], 4, "link"],
  [[10], 8, "private network"],
  [[100, 64], 10, "private network"],
  [[172, 16], 12, "private network"],
  [[192, 0, 0], 24, "private network"],
  [[192, 168], 16, "private network"],
  [[198, 18], 15, "private network"],
];

function placeOfIPv4(address: readonly number[]): Place {
  const number = (bytes: readonly number[]) =>
    [0, 1, 2, 3].reduce((sum, at) => sum * 256 + (bytes[at] ?? 0), 0);
  const found = IPV4.find(([bytes, bits]) =>
    Math.floor(number(address) / 2 ** (32 - bits)) === Math.floor(number(bytes) / 2 ** (32 - bits))
  );
  return found?.[2] ?? "internet";
}

function placeOfIPv6(groups: readonly number[]): Place {
  const [first = 0] = groups;
  const starts = (...prefix: number[]) => prefix.every((group, at) => groups[at] === group);
  const embedded = (at: number) =>
    placeOfIPv4(
      [groups[at] ?? 0, groups[at + 1] ?? 0].flatMap((group) => [group >> 8, group & 255]),
    );
  if (starts(0, 0, 0, 0, 0, 0, 0) && (groups[7] ?? 0) <= 1) return "this machine";
  // IPv4 in IPv6: compatible, mapped, translated, NAT64 (RFC 6052), 6to4 (RFC 3056).
  const isIPv4 = starts(0, 0, 0, 0, 0, 0) || starts(0, 0, 0, 0, 0, 0xffff) ||
    starts(0, 0, 0, 0, 0xffff, 0) || starts(0x64, 0xff9b, 0, 0, 0, 0);
  if (isIPv4) return embedded(6);
  if (first === 0x2002) return embedded(1);
  if ((first & 0xffc0) === 0xfe80 || first >> 8 === 0xff) return "link";
  const isPrivate = (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfec0 ||
    starts(0x64, 0xff9b, 1);
  return isPrivate ? "private network" : "internet";
}

/** The eight groups of an IPv6 address as the URL parser writes it. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const parse = (part: string) =>
    part === "" ? [] : part.split(":").map((one) => parseInt(one, 16));
  const [before, after] = [parse(head), parse(tail ?? "")];
  return [...before, ...new Array(8 - before.length - after.length).fill(0), ...after];
}
