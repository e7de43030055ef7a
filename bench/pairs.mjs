/**
 * Figures that hold on a busy machine: what is compared runs in adjacent pairs, in random order,
 * and the median of the pairs' ratios counts. Runs one after the other differ by 20 to 140 % from
 * one time to the next, paired ones by 1 to 3 %.
 *
 * @typedef {{ median: number, low: number, high: number, count: number }} Figure Half of the values
 * lie between `low` and `high`.
 */

const WARM_UPS = 50;

/** @param {number[]} values @returns {Figure} */
export function figure(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => {
    const place = (sorted.length - 1) * part;
    const below = sorted[Math.floor(place)];
    return below + (sorted[Math.ceil(place)] - below) * (place % 1);
  };
  return {
    median: at(0.5),
    low: at(0.25),
    high: at(0.75),
    count: values.length,
  };
}

/** The same values in random order. */
export function shuffled(values) {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}

/** A batch of calls of a function that returns at once. */
export function synchronous(call) {
  return (count) => {
    for (let n = 0; n < count; n++) call(n);
  };
}

/** A batch of calls that are awaited one after the other. */
export function awaited(call) {
  return async (count) => {
    for (let n = 0; n < count; n++) await call(n);
  };
}

/**
 * Times two kinds of batches in turns.
 *
 * @param {(count: number) => unknown} ours
 * @param {(count: number) => unknown} theirs
 * @param {{ rounds: number, batch: number }} options `batch` is how long one should take, in
 * milliseconds.
 * @returns {Promise<{ ours: Figure, theirs: Figure, ratio: Figure }>} Microseconds for one call, and
 * ours to theirs.
 */
export async function compare(ours, theirs, { rounds, batch }) {
  const subjects = [ours, theirs];
  const counts = [];
  for (const subject of subjects) counts.push(await countFor(subject, batch));
  const times = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const which of shuffled([0, 1])) {
      times[which].push(await time(subjects[which], counts[which]));
    }
  }
  const ratios = times[0].map((value, round) => value / times[1][round]);
  return {
    ours: figure(times[0]),
    theirs: figure(times[1]),
    ratio: figure(ratios),
  };
}

/** Microseconds for one call. */
async function time(subject, count) {
  const started = performance.now();
  await subject(count);
  return (performance.now() - started) * 1000 / count;
}

/** Warms up, or the first call would pass for all; and finds how many calls fill a batch. */
async function countFor(subject, batch) {
  await subject(WARM_UPS);
  let count = 1;
  for (let tries = 0; tries < 12; tries++) {
    const spent = await time(subject, count) * count / 1000;
    if (spent >= batch / 2) {
      return Math.max(1, Math.round(count * batch / spent));
    }
    count *= 4;
  }
  return count;
}
