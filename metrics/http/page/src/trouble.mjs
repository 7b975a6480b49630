// What is wrong with an association, and what went wrong or right since the last look.

import { plural } from './format.mjs';

/** @typedef {import('./status.d.ts').Association} Association */
/** @typedef {import('./status.d.ts').Path} Path */
/** @typedef {import('./status.d.ts').Status} Status */

/** 0: fine; 1: in passing; 2: redundancy lost; 3: nothing gets through. */
/** @typedef {{ level: 0 | 1 | 2 | 3, text: string }} Trouble */

/** @param {Path} path */
export const isFailed = (path) => path.stateName === 'inactive' ||
  path.stateName === 'potentially_failed';

/** "potentially failed". @param {string} name */
export const words = (name) => name.replaceAll('_', ' ');

/** @param {Association} association @returns {Trouble} */
export function troubleOf(association) {
  if (!association.up) return { level: 3, text: words(association.stateName) };
  const failed = association.paths.filter(isFailed);
  if (failed.length > 0 && failed.length === association.paths.length) {
    return { level: 3, text: failed.length === 1 ? 'path failed' : 'all paths failed' };
  }
  if (failed.some((path) => path.primary)) return { level: 2, text: 'primary path failed' };
  if (failed.length > 0) return { level: 2, text: `${plural(failed.length, 'path')} failed` };
  if (association.stateName !== 'established') {
    return { level: 1, text: words(association.stateName) };
  }
  return { level: 0, text: 'established' };
}

/** @param {Status} status */
export const peersDown = (status) => status.peers.filter((peer) => peer.configured && !peer.up);

// So many changes are told one by one, and the others counted.
const TOLD = 3;

/**
 * Failures and recoveries between two looks at the same process, in words.
 * @param {Status} before @param {Status} after
 */
export function changesBetween(before, after) {
  /** @type {string[]} */
  const changes = [];
  /** @type {(peer: { endpoint: string, peer: string }) => string} */
  const nameOf = (peer) => `${peer.endpoint}\n${peer.peer}`;
  const peers = new Map(before.peers.map((peer) => [nameOf(peer), peer.up]));
  for (const peer of after.peers) {
    const was = peers.get(nameOf(peer));
    if (was !== undefined && was !== peer.up) {
      changes.push(`Peer ${peer.peer} is ${peer.up ? 'up' : 'down'}.`);
    }
  }
  const associations = new Map(before.associations.map((one) => [one.id, one.paths]));
  for (const { id, peer, paths } of after.associations) {
    const earlier = associations.get(id) ?? [];
    for (const path of paths) {
      const was = earlier.find((one) => one.address === path.address);
      if (was && isFailed(was) !== isFailed(path)) {
        changes.push(`Path ${path.address} of ${peer} ${isFailed(path) ? 'failed' : 'is back'}.`);
      }
    }
  }
  const more = changes.length - TOLD;
  return more > 0 ? [...changes.slice(0, TOLD), `And ${plural(more, 'more change')}.`] : changes;
}
