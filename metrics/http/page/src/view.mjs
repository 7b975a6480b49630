// What a person wants to see of the associations, and in which order.

import { troubleOf } from './trouble.mjs';

/** @typedef {import('./status.d.ts').Association} Association */
/** @typedef {import('./status.d.ts').Path} Path */

/**
 * @typedef {object} Row
 * @property {Association} association
 * @property {import('./trouble.mjs').Trouble} trouble
 * @property {Path | undefined} primary
 * @property {number | undefined} throughput bytes per second, both ways
 */

// 9 before 10. Made once: comparing with `localeCompare` takes ten times as long.
const names = new Intl.Collator(undefined, { numeric: true });

/** @param {Row} a @param {Row} b */
const byPeer = (a, b) => names.compare(a.association.peer, b.association.peer) ||
  Number(a.association.id) - Number(b.association.id);

/** @type {Record<string, (a: Row, b: Row) => number>} */
const ORDERS = {
  worst: (a, b) => b.trouble.level - a.trouble.level,
  peer: () => 0,
  throughput: (a, b) => (b.throughput ?? -1) - (a.throughput ?? -1),
  srtt: (a, b) => (b.primary?.srtt ?? -1) - (a.primary?.srtt ?? -1),
  newest: (a, b) => b.association.since - a.association.since,
};

/**
 * @param {readonly Association[]} associations
 * @param {(id: string) => number | undefined} throughputOf
 * @returns {Row[]}
 */
export const rowsOf = (associations, throughputOf) => associations.map((association) => ({
  association,
  trouble: troubleOf(association),
  primary: association.paths.find((path) => path.primary) ?? association.paths[0],
  throughput: throughputOf(association.id),
}));

/** Everything of an association that may be searched for. @param {Association} one */
const searched = (one) => [one.peer, one.endpoint, one.id, one.stateName, one.stack,
  ...one.localAddresses, ...one.remoteAddresses,
  ...one.paths.flatMap((path) => [path.address, path.stateName])].join('\n').toLowerCase();

/** Rows with every word of `search`. @param {Row[]} rows @param {string} search */
export function found(rows, search) {
  const wanted = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (wanted.length === 0) return rows;
  return rows.filter(({ association }) => {
    const text = searched(association);
    return wanted.every((word) => text.includes(word));
  });
}

/** @param {Row[]} rows @param {string} order */
export const sorted = (rows, order) =>
  [...rows].sort((a, b) => ORDERS[order](a, b) || byPeer(a, b));
